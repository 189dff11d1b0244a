using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Benchmarks.FewShot;

namespace MLNet.FineTune.Benchmarks.SelfTraining;

/// <summary>
/// A data set with weak labels in a folder: <c>train.tsv</c> with a column <c>weak_labels</c> of votes, separated by commas, of which the majority is taken, or with a
/// column <c>weak_label</c> of such; <c>test.tsv</c>; and perhaps <c>dev.tsv</c> and <c>unlabeled.tsv</c>.
/// </summary>
/// <param name="Data">Rows with weak labels, empty where there is none, and test rows with true ones.</param>
/// <param name="Validation">Rows with true labels to measure on while training; null where there are none.</param>
/// <param name="Unlabeled">Texts without weak labels; their true labels, empty where not one of the classes, only measure how good predicted ones are.</param>
internal sealed record WeakDataSet(TsvDataSet Data, IReadOnlyList<TextRow>? Validation, IReadOnlyList<TextRow> Unlabeled)
{
    private const string Votes = "weak_labels";
    private const string Majority = "weak_label";

    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A column is missing.</exception>
    public static WeakDataSet Read(string directory, string name)
    {
        string unlabeled = Path.Combine(directory, name, "unlabeled.tsv"), validation = Path.Combine(directory, name, "dev.tsv");
        Dictionary<string, string>[] train = [.. Rows(Path.Combine(directory, name, "train.tsv"))];
        // Votes count the classes in the order of their names.
        string[] classes = [.. train.Select(row => row["label"]).Distinct().Order(StringComparer.Ordinal)];
        string[] weak = train[0].ContainsKey(Votes) ? Combine(train, classes) : [.. train.Select(row => row[Majority])];
        return new WeakDataSet(
            new TsvDataSet(name, [.. train.Select((row, i) => new TextRow { Text = row["text"], Label = weak[i] })], [.. Rows(Path.Combine(directory, name, "test.tsv")).Select(Gold)]),
            File.Exists(validation) ? [.. Rows(validation).Select(Gold)] : null,
            File.Exists(unlabeled) ? [.. Rows(unlabeled).Select(row => classes.Contains(row["label"]) ? Gold(row) : new TextRow { Text = row["text"] })] : []);
    }

    private static string[] Combine(Dictionary<string, string>[] rows, string[] classes)
    {
        var ml = new MLContext(0);
        float[][] votes = [.. rows.Select(row => row[Votes].Split(',').Select(vote => float.Parse(vote, CultureInfo.InvariantCulture)).ToArray())];
        SchemaDefinition schema = SchemaDefinition.Create(typeof(VoteRow));
        schema[nameof(VoteRow.Votes)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, votes[0].Length);
        LabelModelReport report = ml.FineTuning().FitLabelModel(
            ml.Data.LoadFromEnumerable(votes.Select(vote => new VoteRow { Votes = vote }), schema), new LabelModelOptions { ClassNames = classes, Method = new MajorityVote() });
        return [.. report.Labels.Select(label => label < 0 ? "" : classes[label])];
    }

    private static TextRow Gold(Dictionary<string, string> row) => new() { Text = row["text"], Label = row["label"] };

    private static IEnumerable<Dictionary<string, string>> Rows(string path)
    {
        string[] lines = File.ReadAllLines(path);
        string[] header = lines[0].Split('\t');
        if (!header.Contains("text") || !header.Contains("label"))
            throw new InvalidDataException($"{path}: the header is '{string.Join(", ", header)}'; expected columns 'text' and 'label', separated by tabs.");
        return lines.Skip(1).Select(line => header.Zip(line.Split('\t')).ToDictionary(field => field.First, field => field.Second));
    }

    private sealed class VoteRow
    {
        public float[] Votes { get; set; } = [];
    }
}
