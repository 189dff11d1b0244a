using MLNet.FineTune.Runtime;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Benchmarks.Throughput;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Memory;

/// <summary>Memory over many rounds of loading a saved model, scoring with it and disposing it.</summary>
internal static class LoadingMemory
{
    /// <summary>Cycles between samples.</summary>
    public const int Interval = 20;

    /// <summary>The cycle from which growth counts: the first ones compile the code and fill allocators.</summary>
    public const int GrowthStart = 20;

    public static IReadOnlyList<ProcessMemory> Measure(MemorySettings settings)
    {
        var encoder = new SyntheticEncoder(settings.Layers, settings.Hidden, settings.MaxLength, CPU);
        SyntheticText[] texts = [.. encoder.Texts(2 * settings.Batch, settings.MaxLength, seed: 1).Select(text => new SyntheticText { Text = text })];
        byte[] zip = Save(encoder, settings, texts);
        List<ProcessMemory> samples = [Sample(0)];
        for (int cycle = 1; cycle <= settings.Cycles; cycle++)
        {
            LoadScoreDispose(zip, texts);
            if (cycle % Interval == 0 || cycle == settings.Cycles)
                samples.Add(Sample(cycle));
        }
        return samples;
    }

    private static byte[] Save(SyntheticEncoder encoder, MemorySettings settings, SyntheticText[] texts)
    {
        var ml = new MLContext(seed: 1);
        using var transformer = ScoringModel.Create(ml, encoder, encoder.CreateTokenizer(), Precision.Float32, settings.Batch);
        using var stream = new MemoryStream();
        ml.Model.Save(transformer, ml.Data.LoadFromEnumerable(texts).Schema, stream);
        return stream.ToArray();
    }

    private static void LoadScoreDispose(byte[] zip, SyntheticText[] texts)
    {
        var ml = new MLContext(seed: 1);
        ITransformer model = ml.Model.Load(new MemoryStream(zip), out _);
        using var owner = (IDisposable)model;
        int scored = model.Transform(ml.Data.LoadFromEnumerable(texts)).GetColumn<float[]>("Score").Count();
        if (scored != texts.Length)
            throw new InvalidOperationException($"{scored} of {texts.Length} rows were scored.");
    }

    /// <summary>What waits for the garbage collector is no leak.</summary>
    private static ProcessMemory Sample(int cycle)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeHeap.Trim();
        return ProcessMemory.Measure(cycle);
    }
}
