using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Tokenization;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>The ML.NET transformer that a fit would give, around an untrained encoder.</summary>
internal static class ScoringModel
{
    public const string TextColumn = nameof(SyntheticText.Text);

    public static MulticlassTextClassificationTransformer Create(IHostEnvironment environment, SyntheticEncoder encoder, TextTokenizer tokenizer, Precision precision, int batchSize)
    {
        TaskModel model = encoder.Create();
        model.Encoder.ComputeType = Runtime.Hardware.ComputeType(precision, encoder.Device);
        var method = new FullFineTuning();
        var classifier = new TextClassifier(model, PeftAdapter.Attach(model, method), tokenizer, new TextClassifierSettings
        {
            ClassCount = encoder.Classes,
            Pooling = null,
            MaxLength = encoder.MaxLength,
            Truncation = Truncation.LongestFirst,
            BatchSize = batchSize,
            Precision = precision,
            Method = PeftMethods.ToJson(method),
        });
        return new MulticlassTextClassificationTransformer(environment, classifier, new ClassLabels(new KeyDataViewType(typeof(uint), encoder.Classes), null), new ScoringColumns(TextColumn));
    }
}

/// <summary>A row to score.</summary>
internal sealed class SyntheticText
{
    public string Text { get; set; } = "";
}

/// <summary>A scored row.</summary>
internal sealed class SyntheticPrediction
{
    public float[] Score { get; set; } = [];
}
