// The entry of taiyi-edge. The commands are Swift (EdgeTool), which has no entry of its own on devices.
#include <signal.h>
#include <string.h>
#include <unistd.h>

int taiyi_edge_main(int count, const char *const *words);

// A mapped file that is cut short, or whose disk fails, ends a process by a signal. Only what a handler may do is done here.
static void explain_bus_error(int number) {
  static const char sentence[] = "error: a file that is being read was cut short, or its disk failed\n";
  (void)number;
  ssize_t written = write(2, sentence, sizeof sentence - 1);
  (void)written;
  _exit(1);
}

int main(int count, char **words) {
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGBUS, explain_bus_error);
  return taiyi_edge_main(count, (const char *const *)words);
}
