using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Tokenization;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>ML.NET's <c>Transform</c> over texts: reading, tokenising, batching and scoring, the scores read row by row.</summary>
internal sealed class TransformScoringCase : ThroughputCase
{
    private readonly MulticlassTextClassificationTransformer _transformer;
    private readonly IDataView _texts;
    private readonly double _tokens;

    public TransformScoringCase(string name, double flopsPerToken, MLContext ml, SyntheticEncoder encoder, TextTokenizer tokenizer, string[] texts, int batchSize)
        : base(name, ScalarType.Float32, flopsPerToken)
    {
        _transformer = ScoringModel.Create(ml, encoder, tokenizer, Precision.Float32, batchSize);
        _texts = ml.Data.LoadFromEnumerable(texts.Select(text => new SyntheticText { Text = text }).ToArray());
        _tokens = texts.Length * (double)encoder.MaxLength;
    }

    public override void Round()
    {
        var watch = Stopwatch.StartNew();
        IDataView scored = _transformer.Transform(_texts);
        DataViewSchema.Column column = scored.Schema["Score"];
        using DataViewRowCursor cursor = scored.GetRowCursor([column]);
        ValueGetter<VBuffer<float>> score = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> values = default;
        while (cursor.MoveNext())
            score(ref values);
        Rates.Add(_tokens / watch.Elapsed.TotalSeconds);
    }

    public override void Dispose() => _transformer.Dispose();
}
