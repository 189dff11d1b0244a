using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>Measures all cases in turns, round after round, so that what else the machine does slows them alike.</summary>
internal static class ThroughputSuite
{
    private const int BatchesScored = 4;

    /// <summary>Lengths differ from batch to batch: a round of mixed lengths takes an epoch, so there are fewer of them.</summary>
    private const int RoundsOfMixedLengths = 2;

    public static void Run(ThroughputSettings settings)
    {
        var ml = new MLContext(seed: 1);
        var encoder = new SyntheticEncoder(settings.Layers, settings.Hidden, Math.Max(settings.Length, PredictLatency.Tokens), settings.Device);
        TextTokenizer tokenizer = encoder.CreateTokenizer();
        using var single = new GemmPeak(ScalarType.Float32, settings.Device);
        using var half = new GemmPeak(ScalarType.BFloat16, settings.Device);
        GemmPeak[] peaks = [single, half];
        ThroughputCase[] cases = [.. Trainings(settings, encoder), .. Scorings(settings, encoder, tokenizer, ml)];

        Report.Progress($"{settings.Threads} threads; warming up");
        foreach (ThroughputCase @case in cases)
        {
            @case.Round();
            @case.Rates.Clear();
        }
        for (int round = 1; round <= settings.Rounds; round++)
        {
            foreach (ThroughputCase @case in cases)
            {
                Sample(peaks);
                @case.Round();
            }
            Report.Progress($"round {round} of {settings.Rounds}: " + string.Join(", ", cases.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Name} {c.Rate:F0}"))));
        }
        Sample(peaks);
        foreach (ThroughputCase @case in cases)
            @case.Dispose();

        Report.Progress("latency");
        double[] latencies = PredictLatency.Measure(ml, encoder, tokenizer);
        using var mixed = new MixedLengths(settings);
        for (int round = 1; round <= RoundsOfMixedLengths; round++)
        {
            Report.Progress($"mixed lengths, round {round} of {RoundsOfMixedLengths}");
            mixed.Round();
        }
        Write(settings, peaks, cases, latencies, mixed);
    }

    private static IEnumerable<ThroughputCase> Trainings(ThroughputSettings settings, SyntheticEncoder encoder)
    {
        var flops = new EncoderFlops(settings.Layers, settings.Hidden, settings.Length);
        var lora = new Lora { Targets = TargetModules.Query | TargetModules.Value };
        yield return new TrainingCase("train-full-fp32", new FullFineTuning(), ScalarType.Float32, flops.Full, settings, encoder);
        yield return new TrainingCase("train-full-bf16", new FullFineTuning(), ScalarType.BFloat16, flops.Full, settings, encoder);
        var masking = new MaskedLanguageModeling();
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
            yield return new PretrainingCase(type == ScalarType.Float32 ? "pretrain-fp32" : "pretrain-bf16", type, flops.MaskedLanguageModel(masking.Rate, encoder.Vocabulary), masking, settings, encoder);
        yield return new TrainingCase("train-lora-fp32", lora, ScalarType.Float32, flops.Lora(lora.Rank), settings, encoder);
        yield return new TrainingCase("train-lora-bf16", lora, ScalarType.BFloat16, flops.Lora(lora.Rank), settings, encoder);
        yield return new TrainingCase("train-head-fp32", new HeadOnly(), ScalarType.Float32, flops.Head, settings, encoder);
    }

    private static IEnumerable<ThroughputCase> Scorings(ThroughputSettings settings, SyntheticEncoder encoder, TextTokenizer tokenizer, MLContext ml)
    {
        double flops = new EncoderFlops(settings.Layers, settings.Hidden, settings.Length).Forward;
        string[] texts = encoder.Texts(BatchesScored * settings.Batch, settings.Length, seed: 2);
        int[][][] batches = [.. texts.Select(text => tokenizer.Encode(text, null, settings.Length, Truncation.LongestFirst).Ids).Chunk(settings.Batch)];
        if (batches.Any(batch => batch.Any(row => row.Length != settings.Length)))
            throw new InvalidOperationException($"The texts are not all of {settings.Length} tokens.");
        yield return new EncoderScoringCase("score-encoder-fp32", ScalarType.Float32, flops, encoder, batches);
        yield return new TransformScoringCase("score-transform-fp32", flops, ml, encoder, tokenizer, texts, settings.Batch);
        yield return new EncoderScoringCase("score-encoder-bf16", ScalarType.BFloat16, flops, encoder, batches);
    }

    private static void Write(ThroughputSettings settings, GemmPeak[] peaks, ThroughputCase[] cases, double[] latencies, MixedLengths mixed)
    {
        var report = new Report("throughput");
        (string, JsonNode?) threads = ("threads", settings.Threads);
        foreach (GemmPeak peak in peaks)
            report.Add(peak.Type == ScalarType.Float32 ? "gemm-peak" : "gemm-peak-bf16", peak.Best / 1e9, "GFLOP/s", ("median", Statistics.Median(peak.Rates) / 1e9), threads);
        foreach (ThroughputCase @case in cases)
            report.Add(@case.Name, @case.Rate, "tokens/s", [("best", @case.Rates.Max()), ("share_of_peak", @case.Rate * @case.FlopsPerToken / peaks.First(peak => peak.Type == @case.Type).Best), .. ThroughputRatios.Of(@case, cases), threads]);
        report.Add("predict-latency", Statistics.Median(latencies), "ms", ("p95", Statistics.Quantile(latencies, 0.95)), threads);
        report.Add("mixed-length-speedup", mixed.Speedup, "ratio",
            ("bucketed", Statistics.Median(mixed.Bucketed)), ("padded", Statistics.Median(mixed.Padded)), ("mean_length", mixed.Mean), threads);
        report.PrintTable();
    }

    private static void Sample(GemmPeak[] peaks)
    {
        foreach (GemmPeak peak in peaks)
            peak.Sample();
    }
}
