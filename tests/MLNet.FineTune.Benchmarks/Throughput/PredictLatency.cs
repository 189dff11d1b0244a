using System.Diagnostics;
using Microsoft.ML;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>The time of one prediction of ML.NET's <c>PredictionEngine</c>.</summary>
internal static class PredictLatency
{
    /// <summary>Tokens of the text, special ones included.</summary>
    public const int Tokens = 16;

    private const int WarmUps = 20;
    private const int Predictions = 200;

    /// <returns>Milliseconds of each prediction.</returns>
    public static double[] Measure(MLContext ml, SyntheticEncoder encoder, TextTokenizer tokenizer)
    {
        string[] texts = encoder.Texts(32, Math.Min(Tokens, encoder.MaxLength), seed: 3);
        var transformer = ScoringModel.Create(ml, encoder, tokenizer, Precision.Float32, batchSize: 32);
        // The engine disposes the transformer.
        using var engine = ml.Model.CreatePredictionEngine<SyntheticText, SyntheticPrediction>(transformer);
        var prediction = new SyntheticPrediction();
        var times = new List<double>();
        for (int i = 0; i < WarmUps + Predictions; i++)
        {
            var input = new SyntheticText { Text = texts[i % texts.Length] };
            var watch = Stopwatch.StartNew();
            engine.Predict(input, ref prediction);
            if (i >= WarmUps)
                times.Add(watch.Elapsed.TotalMilliseconds);
        }
        return [.. times];
    }
}
