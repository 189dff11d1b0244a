using System.CommandLine;
namespace MLNet.FineTune.Benchmarks.Micro;
internal static class MicroCommand { public static Command Create() => new("micro"); }
