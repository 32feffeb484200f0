internal import Answers

/// What `taiyi-edge --help` says.
private let help = """
  taiyi-edge: embed texts and pictures and classify pictures with a .tcm model, as taiyi does.

  taiyi-edge info --model M.tcm [--json]
  taiyi-edge embed --model M.tcm [--text T] [--texts FILE] [--image FILE] ... [--no-normalize]
  taiyi-edge classify --model M.tcm [--labels FILE | --label L ... | --bank B.tcm] [--templates FILE]
      [--top K] [--json] PICTURE...
  taiyi-edge --version

  Also: --threads N, --max-pixels N, --max-memory MIB (give back what is used, slower), --text-padding fixed|none. TAIYI_ISA=scalar|neon|dotprod|i8mm (on
  x86-64 scalar|avx2|avxvnni|avx512vnni) forces an instruction set.
  Exit status: 0 done, 1 refused or failed, 64 usage.
  """

/// The whole tool: what `main` of `taiyi-edge` calls.
///
/// - Parameters:
///   - count: Number of words, the program's name included.
///   - words: The command line.
/// - Returns: The exit status.
@c(taiyi_edge_main)
public func edgeMain(
  _ count: Int32, _ words: UnsafePointer<UnsafePointer<CChar>?>
) -> Int32 {
  var arguments: [String] = []
  for index in 1..<max(Int(count), 1) {
    guard let word = unsafe words[index] else { continue }
    // Repaired, it would be the name of another file.
    guard let argument = unsafe String(validatingCString: word) else {
      EdgeOutput.note("error: argument \(index) is not UTF-8; give the file another name")
      return 64
    }
    arguments.append(argument)
  }
  var out = EdgeOutput()
  do throws(EdgeError) {
    let rest = Array(arguments.dropFirst())
    switch rest.first == "--help" ? "--help" : arguments.first {
    case "info": try EdgeCommands.info(rest, &out)
    case "embed": try EdgeCommands.embed(rest, &out)
    case "classify": try EdgeCommands.classify(rest, &out)
    case "--help", "-h", "help":
      do throws(AnswerError) { try out.print(help) } catch { throw .answer(error) }
    case "--version":
      do throws(AnswerError) { try out.print(Release.version) } catch { throw .answer(error) }
    default:
      throw .usage(UsageError("expected info, embed or classify; --help says more"))
    }
    do throws(AnswerError) { try out.flush() } catch { throw .answer(error) }
    return 0
  } catch {
    do throws(AnswerError) { try out.flush() } catch {}
    switch error {
    case .usage(let error):
      EdgeOutput.note("error: \(error.description)")
      return 64
    case .answer(let error):
      EdgeOutput.note("error: \(error.description)")
      return 1
    }
  }
}
