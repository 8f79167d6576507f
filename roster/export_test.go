package roster

// CardSigned lets tests sign cards that NewCard would refuse to make.
var CardSigned = cardSigned

// SmallOrder lets tests try every weak key.
var SmallOrder = smallOrder
