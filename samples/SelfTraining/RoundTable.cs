using MLNet.FineTune;
using Spectre.Console;

namespace SelfTraining;

/// <summary>What each round gave.</summary>
internal static class RoundTable
{
    /// <param name="labelsAlone">The accuracy on the watched texts of training on the labelled ones alone.</param>
    /// <param name="rounds">The reports.</param>
    public static void Show(double labelsAlone, IEnumerable<SelfTrainingProgress> rounds)
    {
        Table table = new Table().RoundedBorder().AddColumns("round", "labels kept", "fewest of a class", "most", "of them right", "accuracy");
        foreach (TableColumn column in table.Columns)
            column.RightAligned();
        table.AddRow("labels alone", "", "", "", "", $"{labelsAlone:F3}");
        foreach (SelfTrainingProgress round in rounds)
            table.AddRow(
                $"{round.Round}", $"{round.Kept} of {round.Texts}", $"{round.KeptPerClass.Min()}", $"{round.KeptPerClass.Max()}", $"{round.PseudoLabelAccuracy:P1}",
                round.Collapsed ? "collapsed" : $"{round.ValidationMetric:F3}");
        AnsiConsole.Write(table);
    }
}
