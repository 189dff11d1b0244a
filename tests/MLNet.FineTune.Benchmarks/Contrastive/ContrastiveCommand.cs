using System.CommandLine;
using MLNet.FineTune.Benchmarks.CommandLine;

namespace MLNet.FineTune.Benchmarks.Contrastive;

/// <summary>The verb <c>contrastive</c>.</summary>
internal static class ContrastiveCommand
{
    private static readonly Option<DirectoryInfo> Data = new Option<DirectoryInfo>("--data") { Description = "Directory of the data sets, as for fewshot", HelpName = "DIR", Required = true }.AcceptExistingOnly();
    private static readonly Option<string> DataSet = OptionRanges.Create("--dataset", "Name of the data set", "NAME", "trec");
    private static readonly Option<int> Shots = OptionRanges.Create("--shots", "Training rows a class", "N", 8).AtLeast(2);
    private static readonly Option<int> Iterations = OptionRanges.Create("--iterations", "For each text, pairs of each kind", "N", 20).AtLeast(1);
    private static readonly Option<string> Encoder = EncoderOption.Create();
    private static readonly Option<int> Rounds = OptionRanges.Create("--rounds", "How often each way is measured, in turns", "N", 5).AtLeast(1);

    public static Command Create()
    {
        var command = new Command("contrastive", "Pairs a second of SetFit's first phase: every text of a step encoded once, and both sides of every pair encoded.") { Data, DataSet, Shots, Iterations, Encoder, Rounds };
        command.SetAction(result =>
        {
            Threads.Apply(result);
            ContrastiveSuite.Run(new ContrastiveSettings(
                result.GetRequiredValue(Data).FullName, result.GetValue(DataSet)!, result.GetValue(Shots), result.GetValue(Iterations), EncoderOption.Parse(result.GetRequiredValue(Encoder)), result.GetValue(Rounds)));
        });
        return command;
    }
}

/// <summary>What the suite of contrastive training runs.</summary>
/// <param name="Data">Directory of the data sets.</param>
/// <param name="DataSet">Name of the data set.</param>
/// <param name="Shots">Training rows a class.</param>
/// <param name="Iterations">For each text, pairs of each kind.</param>
/// <param name="Encoder">The encoder.</param>
/// <param name="Rounds">How often each way is measured.</param>
internal sealed record ContrastiveSettings(string Data, string DataSet, int Shots, int Iterations, EncoderSource Encoder, int Rounds);
