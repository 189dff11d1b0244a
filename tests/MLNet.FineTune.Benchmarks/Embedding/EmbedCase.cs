using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.FineTune.Benchmarks.Embedding;

/// <summary>A fitted transformer of texts into vectors, whose rate is measured a little in every round.</summary>
/// <param name="name">The case's name.</param>
/// <param name="model">Adds the column <see cref="Output"/>.</param>
/// <param name="texts">The texts.</param>
/// <param name="count">How many there are.</param>
internal sealed class EmbedCase(string name, ITransformer model, IDataView texts, int count) : IDisposable
{
    public const string Output = "Features";

    public string Name { get; } = name;

    /// <summary>Texts a second, of each round.</summary>
    public List<double> Rates { get; } = [];

    public double Rate => Statistics.Median(Rates);

    /// <summary>Texts a second of processor time, of each round: what a machine that does other work too says more reliably.</summary>
    public List<double> ProcessorRates { get; } = [];

    /// <summary>Reads all vectors, row by row, as a trainer does.</summary>
    public void Round()
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        IDataView output = model.Transform(texts);
        DataViewSchema.Column column = output.Schema[Output];
        using DataViewRowCursor cursor = output.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> vector = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> values = default;
        while (cursor.MoveNext())
            vector(ref values);
        Rates.Add(count / watch.Elapsed.TotalSeconds);
        ProcessorRates.Add(count / (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    public void Dispose() => (model as IDisposable)?.Dispose();
}
