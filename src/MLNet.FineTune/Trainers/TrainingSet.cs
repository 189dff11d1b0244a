using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Trainers;

/// <summary>Labelled texts in memory, read once from the data and checked.</summary>
/// <param name="Inputs">The texts; a missing text (null) is empty text.</param>
/// <param name="Labels">0-based class of each row; the rarest one where it can have several, and zero where it has none.</param>
/// <param name="Weights">Weight of each row, at least 0; null when all weigh the same.</param>
/// <param name="Classes">The classes, whether or not each has rows.</param>
/// <param name="ClassCounts">How many rows, or words, each class has.</param>
/// <param name="LabelSets">All classes of each row where it can have several or none, ascending; null where each has one.</param>
/// <param name="Targets">The number of each row; null where there are classes.</param>
/// <param name="Tags">The class of each word of each row, −1 where it is missing; null where rows have classes.</param>
internal sealed record TrainingSet(TextInput[] Inputs, int[] Labels, float[]? Weights, ClassLabels Classes, int[] ClassCounts, int[][]? LabelSets = null, float[]? Targets = null, int[][]? Tags = null)
{
    public int Count => Inputs.Length;

    public LabelledTexts Texts => new(Inputs, Labels, Weights, LabelSets, Targets, Tags);

    /// <summary>Reads data to learn from.</summary>
    /// <param name="host">Receives warnings; polled for cancellation.</param>
    /// <param name="data">The data.</param>
    /// <param name="columns">Which columns hold what.</param>
    /// <param name="task">Which labels are expected.</param>
    /// <param name="withoutLabel">Receives the texts of rows that have no label; null to skip such rows with a warning.</param>
    /// <param name="byName">Whether a class without rows is learnt all the same, by its name.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learnt from: there are none with a label, all have one class or the same ones, all texts are empty, or a weight is negative or not finite.</exception>
    public static TrainingSet Read(IHost host, IDataView data, TrainingColumns columns, ClassificationTask task, List<TextInput>? withoutLabel = null, bool byName = false)
    {
        TrainingSet set = TrainingSetReader.Read(host, data, columns, task, "training set", "input", withoutLabel);
        int seen = set.ClassCounts.Count(count => count > 0);
        if (set.Targets is { } targets && targets.All(target => target.Equals(targets[0])))
            throw new InvalidOperationException(FormattableString.Invariant($"All {set.Count} rows of the training set have the number {targets[0]} in the column '{columns.Label}'. There is nothing to predict where all are the same."));
        if (set.Targets is null && set.LabelSets is null && seen < 2)
            throw new InvalidOperationException(
                $"All {set.Count} rows of the training set have one class, '{set.Classes.Names[Array.FindIndex(set.ClassCounts, count => count > 0)]}' (column '{columns.Label}'). A classifier needs examples of at least two classes.");
        if (set.LabelSets is not null && set.ClassCounts.All(count => count == 0 || count == set.Count))
            throw new InvalidOperationException(
                $"All {set.Count} rows of the training set have {(seen == 0 ? "no label" : "the same labels")} in the column '{columns.Label}'. A classifier needs a label at least that some rows have and others have not.");
        if (set.Weights is not null && set.Weights.All(weight => weight == 0))
            throw new InvalidOperationException($"All weights in the column '{columns.ExampleWeight}' are 0, so no row counts. Give at least one row of each class a positive weight.");
        if (seen < set.Classes.Count && !byName)
            set.WarnOfEmptyClasses(host, columns.Label);
        return set;
    }

    /// <summary>Reads data to measure on, whose label must have given classes.</summary>
    /// <inheritdoc cref="ReadBeside"/>
    public static TrainingSet ReadValidation(IHost host, IDataView data, TrainingColumns columns, ClassificationTask task, ClassLabels classes, string owner = "training set") =>
        ReadBeside(host, data, columns, task, classes, owner, "validation set", nameof(TextTrainerOptions.ValidationSet));

    /// <summary>Reads further data, whose label must have given classes.</summary>
    /// <param name="host">Receives warnings; polled for cancellation.</param>
    /// <param name="data">The data.</param>
    /// <param name="columns">Which columns hold what.</param>
    /// <param name="task">Which labels are expected.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="owner">What has these classes, for messages.</param>
    /// <param name="what">What messages call the data.</param>
    /// <param name="option">The option that names the data, for messages.</param>
    /// <inheritdoc cref="Read" path="/exception"/>
    public static TrainingSet ReadBeside(IHost host, IDataView data, TrainingColumns columns, ClassificationTask task, ClassLabels classes, string owner, string what, string option)
    {
        TrainingSet set = TrainingSetReader.Read(host, data, columns, task, what, option);
        if (!set.Classes.SameAs(classes))
            throw new InvalidOperationException(
                $"The label column '{columns.Label}' of the {what} has other classes than the {owner}: {Text(set.Classes)} instead of {Text(classes)}. Map the labels of both with the one fitted MapValueToKey.");
        return set;
    }

    /// <summary>Checks that each class that has rows can be split in two, before anything expensive starts.</summary>
    /// <exception cref="InvalidOperationException">A class has a single row.</exception>
    public void RequireSplit(string label)
    {
        string[] single = [.. Classes.Names.Where((_, i) => ClassCounts[i] == 1)];
        if (single.Length > 0)
            throw new InvalidOperationException(
                $"{single.Length} of the classes of '{label}' have a single row, which cannot be both trained on and set aside by {nameof(TrainingOptions.ValidationFraction)}: {TrainingSetReader.List(single)}. " +
                $"Add rows of them, leave them out, give a validation set of your own, or set {nameof(TrainingOptions.ValidationFraction)} = 0.");
    }

    private static string Text(ClassLabels classes) => $"{classes.Count} ({TrainingSetReader.List(classes.Names)})";

    private void WarnOfEmptyClasses(IHost host, string label)
    {
        using IChannel channel = host.Start(nameof(TrainingSet));
        string[] empty = [.. Classes.Names.Where((_, i) => ClassCounts[i] == 0)];
        channel.Warning("{0} of the {1} classes of '{2}' have no example and will not be learnt: {3}.", empty.Length, Classes.Count, label, TrainingSetReader.List(empty));
    }
}
