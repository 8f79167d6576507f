package roster

// SmallOrder lets tests try every weak key.
var SmallOrder = smallOrder
