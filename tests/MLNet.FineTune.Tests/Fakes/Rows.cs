using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Tests.Fakes;

/// <summary>A labelled row with two texts and columns that are only passed through.</summary>
internal sealed class Row
{
    public int Number { get; set; }

    public string? Text { get; set; }

    public string? Second { get; set; }

    public string Intent { get; set; } = "";

    public bool Positive { get; set; }

    public float Weight { get; set; } = 1;

    [VectorType]
    public float[] Values { get; set; } = [];
}

/// <summary>Rows whose words tell their class, and transformers over the stand-in.</summary>
internal static class Rows
{
    public static readonly string[] Intents = ["refund", "delivery", "login"];

    private static readonly string[][] Words =
    [
        ["money", "back", "charged", "invoice", "refund", "paid"],
        ["parcel", "late", "courier", "arrived", "tracking", "box"],
        ["password", "account", "locked", "reset", "code", "sign"],
    ];

    private static readonly string[] Noise = ["please", "help", "me", "today", "with", "my", "the", "again", "thanks", "now"];

    public static List<Row> Make(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => Make(i, random))];
    }

    public static MulticlassTextClassificationTransformer Transformer(MLContext ml, BagOfWordsClassifier classifier, string? second = null)
    {
        IDataView labels = ml.Data.LoadFromEnumerable(Intents.Select(intent => new Row { Intent = intent }));
        DataViewSchema schema = ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(labels).GetOutputSchema(labels.Schema);
        return new(ml, classifier, ClassLabels.FromKey(schema["Label"], (KeyDataViewType)schema["Label"].Type), new ScoringColumns(nameof(Row.Text), second));
    }

    private static Row Make(int number, Random random)
    {
        int label = random.Next(Intents.Length);
        int length = random.Next(0, 12);
        return new Row
        {
            Number = number,
            Text = number % 17 == 5 ? null : string.Join(' ', Enumerable.Range(0, length).Select(_ => Pick(label))),
            Second = number % 13 == 3 ? "" : string.Join(' ', Enumerable.Range(0, length / 3).Select(_ => Pick(label))),
            Intent = Intents[label],
            Positive = label == 0,
            Weight = random.Next(1, 4),
            Values = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => random.NextSingle())],
        };

        string Pick(int label) => random.Next(3) == 0 ? Words[label][random.Next(Words[label].Length)] : Noise[random.Next(Noise.Length)];
    }
}

/// <summary>A row of a multiclass result.</summary>
internal sealed class MulticlassResult
{
    public int Number { get; set; }

    public string Text { get; set; } = "";

    public float[] Values { get; set; } = [];

    public float[] Score { get; set; } = [];

    public uint PredictedLabel { get; set; }
}

/// <summary>A row of a binary result.</summary>
internal sealed class BinaryResult
{
    public int Number { get; set; }

    public float Score { get; set; }

    public float Probability { get; set; }

    public bool PredictedLabel { get; set; }
}
