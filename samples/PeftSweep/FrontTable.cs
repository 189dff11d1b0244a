using MLNet.FineTune;
using Spectre.Console;

namespace PeftSweep;

/// <summary>The front, the best accuracy first.</summary>
internal static class FrontTable
{
    public static void Show(PeftSearchResult result)
    {
        Table table = new Table().RoundedBorder().AddColumns("trial", "accuracy", "trained", "rate", "epochs", "method");
        foreach (TableColumn column in table.Columns.SkipLast(1))
            column.RightAligned();
        foreach (PeftSearchEntry entry in result.Front)
            table.AddRow(
                $"{entry.Trial.Number}", $"{entry.Values[PeftObjective.Quality]:F3}", $"{entry.Values[PeftObjective.TrainableParameters]:N0}",
                $"{entry.Training.LearningRate:0.0e-0}", $"{entry.Training.Epochs}", Markup.Escape(entry.MethodText));
        AnsiConsole.Write(table);
    }
}
