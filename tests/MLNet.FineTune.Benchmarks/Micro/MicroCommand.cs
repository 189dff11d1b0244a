using System.CommandLine;
using MLNet.FineTune.Benchmarks.CommandLine;

namespace MLNet.FineTune.Benchmarks.Micro;

/// <summary>The verb <c>micro</c>.</summary>
internal static class MicroCommand
{
    public static Command Create()
    {
        var command = new Command("micro", "Micro benchmarks under BenchmarkDotNet: tokenizer, safetensors, batches, optimiser, loss. Further arguments go to BenchmarkDotNet, for instance --filter *AdamW* or --job short; without any, all run.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            return MicroSuite.Run([.. result.UnmatchedTokens]);
        });
        return command;
    }
}
