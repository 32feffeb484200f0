/// What an atomic file asks of the system, one call after another; tests let each of them fail.
package enum FileStep {
  case create
  case setMode
  case write
  case sync
  case name
  case close
  case rename
  case syncFolder
}
