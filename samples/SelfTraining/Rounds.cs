using MLNet.FineTune;
using Spectre.Console;

namespace SelfTraining;

/// <summary>Collects the reports of rounds and says so, since a round takes some seconds.</summary>
internal sealed class Rounds(List<SelfTrainingProgress> reports) : IProgress<SelfTrainingProgress>
{
    public void Report(SelfTrainingProgress value)
    {
        reports.Add(value);
        AnsiConsole.WriteLine(value.Collapsed ? $"round {value.Round}: the labels have collapsed; the last model with good ones is the result" : $"round {value.Round}: {value.Kept} of {value.Texts} labels kept");
    }
}
