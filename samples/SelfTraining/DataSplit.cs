using Microsoft.ML;
using QuickStart;

namespace SelfTraining;

/// <summary>What is learnt from with labels and without, and what is measured on.</summary>
/// <param name="Labeled">A few texts of each class.</param>
/// <param name="Unlabeled">Texts whose labels only tell how good predicted ones are.</param>
/// <param name="Watched">Texts by which rounds are measured, and the best one chosen.</param>
/// <param name="Test">Texts that nothing was chosen by.</param>
internal sealed record DataSplit(LabeledText[] Labeled, LabeledText[] Unlabeled, LabeledText[] Watched, LabeledText[] Test)
{
    private const string OwnTrain = "train.tsv", OwnTest = "test.tsv";

    /// <summary>Of a file of one's own, a third is measured on; the support requests have test data.</summary>
    /// <exception cref="IOException">The file is missing.</exception>
    /// <exception cref="InvalidDataException">The file is malformed, or a class has too few texts.</exception>
    public static DataSplit Load(MLContext ml, Settings settings)
    {
        var random = new Random(settings.Seed);
        string file = settings.DataFile ?? Own(OwnTrain);
        DataFiles.Check(file, settings.DataFile ?? Own(OwnTest));
        LabeledText[][] classes = [.. Read(ml, file).GroupBy(row => row.Intent).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => Shuffled(group, random))];
        foreach (LabeledText[] rows in classes)
            if (rows.Length < 2 * settings.Shots)
                throw new InvalidDataException($"{file}: the label '{rows[0].Intent}' has {rows.Length} rows; expected at least {2 * settings.Shots}, of which --shots {settings.Shots} are the labelled ones.");
        int Held(LabeledText[] rows) => settings.DataFile is null ? 0 : Math.Min(rows.Length / 3, rows.Length - settings.Shots - 1);

        LabeledText[] measured = settings.DataFile is null ? Shuffled(Read(ml, Own(OwnTest)), random) : Shuffled(classes.SelectMany(rows => rows[^Held(rows)..]), random);
        return new DataSplit(
            Shuffled(classes.SelectMany(rows => rows[..settings.Shots]), random), Shuffled(classes.SelectMany(rows => rows[settings.Shots..^Held(rows)]), random),
            measured[..(measured.Length / 2)], measured[(measured.Length / 2)..]);
    }

    private static string Own(string name) => Path.Combine(AppContext.BaseDirectory, "data", name);

    private static IEnumerable<LabeledText> Read(MLContext ml, string file) =>
        ml.Data.CreateEnumerable<LabeledText>(ml.Data.LoadFromTextFile<LabeledText>(file, hasHeader: true), reuseRowObject: false);

    private static LabeledText[] Shuffled(IEnumerable<LabeledText> rows, Random random)
    {
        LabeledText[] shuffled = [.. rows];
        random.Shuffle(shuffled);
        return shuffled;
    }
}
