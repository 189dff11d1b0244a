using System.CommandLine;
namespace MLNet.FineTune.Benchmarks.Memory;
internal static class MemoryCommand { public static Command Create() => new("memory"); }
