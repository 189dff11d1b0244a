using System.CommandLine;
using TorchSharp;

namespace MLNet.FineTune.Benchmarks.CommandLine;

/// <summary>The option of all verbs that sets libtorch's threads.</summary>
internal static class Threads
{
    public static Option<int?> Option { get; } = new Option<int?>("--threads")
    {
        Description = "Threads of a tensor operation [default: libtorch's choice, the number of cores or OMP_NUM_THREADS]",
        HelpName = "N",
        Recursive = true,
    }.AtLeast(1);

    /// <summary>Sets the number of threads and returns the number in use.</summary>
    public static int Apply(ParseResult command)
    {
        if (command.GetValue(Option) is { } threads)
            torch.set_num_threads(threads);
        return torch.get_num_threads();
    }
}
