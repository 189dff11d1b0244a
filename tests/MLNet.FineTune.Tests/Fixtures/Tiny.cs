using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNet.FineTune.Tests.Fakes;

namespace MLNet.FineTune.Tests.Fixtures;

/// <summary>Real networks that train within a second, and the data they learn.</summary>
internal static class Tiny
{
    /// <summary>The methods there are, by the names tests are parameterised with.</summary>
    public static readonly string[] Methods = ["full", "head", "lora"];

    /// <summary>A new encoder of width 32.</summary>
    public static EncoderSource Encoder(int layers = 1, double dropout = 0) => EncoderSource.FromScratch(new ScratchEncoderOptions
    {
        LayerCount = layers, HiddenSize = 32, HeadCount = 2, IntermediateSize = 64, VocabularySize = 300, MaxLength = 32, Dropout = dropout,
    });

    public static PeftMethod Method(string name) => name switch
    {
        "full" => new FullFineTuning(),
        "head" => new HeadOnly(),
        "lora" => new Lora { Rank = 8, Alpha = 16, Targets = TargetModules.AllLinear },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    /// <summary>Options that learn <see cref="Rows"/> in some twenty steps an epoch; float32, so that results are the same on every machine's kind of arithmetic.</summary>
    public static TextClassificationOptions Options(string method = "full", bool pairs = false, int epochs = 6, EncoderSource? encoder = null) => new()
    {
        Sentence1ColumnName = nameof(Row.Text),
        Sentence2ColumnName = pairs ? nameof(Row.Second) : null,
        Encoder = encoder ?? Encoder(),
        Peft = Method(method),
        Precision = Precision.Float32,
        Training = { Epochs = epochs, BatchSize = 8, LearningRate = method switch { "head" => 3e-2, "lora" => 1e-2, _ => 5e-3 } },
    };

    /// <summary>Rows with a text each: half of the rows of <see cref="Rows"/> have too few words to tell the class.</summary>
    public static List<Row> Make(int count, int seed = 1)
    {
        List<Row> rows = Rows.Make(3 * count + 20, seed);
        return [.. rows.Where(row => row.Text is { Length: > 30 }).Take(count)];
    }

    /// <summary>Rows with the intent as key <c>Label</c>; the key has all intents whichever occur.</summary>
    public static IDataView Load(MLContext ml, IEnumerable<Row> rows) => LabelMap(ml).Transform(ml.Data.LoadFromEnumerable(rows));

    public static ITransformer LabelMap(MLContext ml) =>
        ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent)).Fit(ml.Data.LoadFromEnumerable(Rows.Intents.Select(intent => new Row { Intent = intent })));

    /// <summary>A fitted multiclass model.</summary>
    public static MulticlassTextClassificationTransformer Fit(MLContext ml, TextClassificationOptions? options = null, int rows = 40) =>
        ml.MulticlassClassification.Trainers.FineTune(options ?? Options()).Fit(Load(ml, Make(rows)));

    /// <summary>A fitted chain: label to key, classifier, predicted label to value.</summary>
    public static TransformerChain<KeyToValueMappingTransformer> FitChain(MLContext ml, TextClassificationOptions? options = null, int rows = 40) =>
        Pipeline(ml, options).Fit(ml.Data.LoadFromEnumerable(Make(rows)));

    public static EstimatorChain<KeyToValueMappingTransformer> Pipeline(MLContext ml, TextClassificationOptions? options = null) =>
        ml.Transforms.Conversion.MapValueToKey("Label", nameof(Row.Intent))
            .Append(ml.MulticlassClassification.Trainers.FineTune(options ?? Options()))
            .Append(ml.Transforms.Conversion.MapKeyToValue("PredictedIntent", "PredictedLabel"));

    public static float[][] Scores(ITransformer model, IDataView data) => [.. model.Transform(data).GetColumn<float[]>("Score")];

    public static void AssertSame(float[][] expected, float[][] found)
    {
        Assert.HasCount(expected.Length, found);
        for (int i = 0; i < expected.Length; i++)
            CollectionAssert.AreEqual(expected[i], found[i], $"row {i}");
    }
}
