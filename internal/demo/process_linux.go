package demo

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel kill the station if this process dies first,
// however it dies.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
