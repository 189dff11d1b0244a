using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Benchmarks.Embedding;

/// <summary>Measures the cases in turns, round after round, so that what else the machine does slows them alike.</summary>
internal static class EmbedSuite
{
    private const int Openings = 10;

    public static void Run(EmbedSettings settings)
    {
        NativeBackend.EnsureLoaded();
        string? temporary = settings.Encoder is null ? Directory.CreateTempSubdirectory("finetune-embed-").FullName : null;
        try
        {
            if (temporary is not null)
                EmbedTexts.WriteEncoder(temporary, settings.Layers, settings.Hidden);
            Run(settings, settings.Encoder ?? EncoderSource.FromDirectory(temporary!));
        }
        finally
        {
            if (temporary is not null)
                Directory.Delete(temporary, recursive: true);
        }
    }

    private static void Run(EmbedSettings settings, EncoderSource encoder)
    {
        var ml = new MLContext(seed: 1);
        (string[] texts, int[] tokens) = EmbedTexts.Create(settings.Texts, settings.Tokens, Tokenizer(encoder));
        IDataView data = ml.Data.LoadFromEnumerable(texts.Select(text => new TextToEmbed { Text = text }).ToArray());
        (double opening, double processor) = Opening(ml, data, settings, encoder);

        var featurize = new EmbedCase("featurize-text", ml.Transforms.Text.FeaturizeText(EmbedCase.Output, nameof(TextToEmbed.Text)).Fit(data), data, texts.Length);
        EmbedCase[] cases = [featurize, .. ((Precision[])[Precision.Float32, Precision.BFloat16]).Select(
            precision => new EmbedCase(precision == Precision.Float32 ? "embed-text-fp32" : "embed-text-bf16", Embed(ml, settings, encoder, precision).Fit(data), data, texts.Length))];
        foreach (EmbedCase @case in cases)
        {
            @case.Round();
            @case.Rates.Clear();
            @case.ProcessorRates.Clear();
        }
        for (int round = 1; round <= settings.Rounds; round++)
        {
            foreach (EmbedCase @case in cases)
                @case.Round();
            Report.Progress($"round {round} of {settings.Rounds}: " + string.Join(", ", cases.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Name} {c.Rate:F0}"))));
        }

        var report = new Report("embed");
        foreach (EmbedCase @case in cases)
        {
            report.Add(@case.Name, @case.Rate, "texts/s", ("best", @case.Rates.Max()), ("per_processor_second", Statistics.Median(@case.ProcessorRates)), ("ratio_to_featurize", @case.Rate / featurize.Rate), ("mean_tokens", tokens.Average()), ("threads", settings.Threads));
            @case.Dispose();
        }
        report.Add("open-encoder", opening, "ms", ("processor_ms", processor));
        report.PrintTable();
    }

    private static TextTokenizer Tokenizer(EncoderSource source)
    {
        using PretrainedEncoder encoder = source.Open([]);
        return encoder.Tokenizer;
    }

    /// <summary>Milliseconds, elapsed and of processor time, from an estimator to a transformer that can embed: the files are in the system's cache, the native library is loaded.</summary>
    private static (double Elapsed, double Processor) Opening(MLContext ml, IDataView data, EmbedSettings settings, EncoderSource encoder)
    {
        var times = new List<double>();
        var processor = new List<double>();
        for (int i = 0; i <= Openings; i++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            var watch = Stopwatch.StartNew();
            Embed(ml, settings, encoder, Precision.Float32).Fit(data).Dispose();
            times.Add(watch.Elapsed.TotalMilliseconds);
            processor.Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
        }
        return (Statistics.Median(times.Skip(1)), Statistics.Median(processor.Skip(1)));
    }

    private static TextEmbeddingEstimator Embed(MLContext ml, EmbedSettings settings, EncoderSource encoder, Precision precision) => ml.Transforms.Text.EmbedText(new TextEmbeddingOptions
    {
        OutputColumnName = EmbedCase.Output,
        InputColumnName = nameof(TextToEmbed.Text),
        Encoder = encoder,
        BatchSize = settings.Batch,
        Precision = precision,
    });
}

/// <summary>A row to embed.</summary>
internal sealed class TextToEmbed
{
    public string Text { get; set; } = "";
}
