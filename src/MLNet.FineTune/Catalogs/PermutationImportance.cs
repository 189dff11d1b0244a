using System.Collections.Immutable;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Catalogs;

/// <summary>Permutation feature importance (Breiman 2001) of the text columns of a model.</summary>
internal sealed class PermutationImportance
{
    private readonly IHost _host;
    private readonly TextClassificationTransformer _classifier;
    private readonly IDataView _input;
    private readonly int _permutationCount;
    private readonly Random _random;

    private PermutationImportance(IHost host, TextClassificationTransformer classifier, IDataView input, int permutationCount)
    {
        _host = host;
        _classifier = classifier;
        _input = input;
        _permutationCount = permutationCount;
        _random = host.Rand;
    }

    public ScoringColumns Columns => _classifier.Columns;

    /// <summary>Checks the arguments and applies the part of the model before the classifier.</summary>
    public static PermutationImportance Create<T>(
        IHostEnvironment environment, ITransformer model, IDataView data, string label, int permutationCount, int? examples, int? seed)
        where T : TextClassificationTransformer
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrWhiteSpace(label, "labelColumnName");
        ArgumentOutOfRangeException.ThrowIfLessThan(permutationCount, 1, nameof(permutationCount));
        if (examples is { } rows)
            ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1, "numberOfExamplesToUse");
        IHost host = environment.Register(nameof(PermutationImportance), seed);
        (T classifier, ITransformer[] before) = ModelChain.Find<T>(model);
        if (examples is { } count)
            data = SkipTakeFilter.Create(host, new SkipTakeFilter.TakeOptions { Count = count }, data);
        foreach (ITransformer part in before)
            data = part.Transform(data);
        SchemaError.Find(data.Schema, "labelColumnName", "label", label);
        // Read once: each permutation scores the same texts again.
        return new PermutationImportance(host, classifier, new CacheDataView(host, data, null), permutationCount);
    }

    public ImmutableDictionary<string, TStatistics> Measure<TMetrics, TStatistics>(
        Func<IDataView, TMetrics> evaluate, Func<TMetrics, TMetrics, TMetrics> difference, Func<TStatistics> makeStatistics)
        where TStatistics : IMetricsStatistics<TMetrics>
    {
        using IChannel channel = _host.Start(nameof(PermutationImportance));
        string[] columns = [Columns.Sentence1, .. Columns.Sentence2 is { } second && second != Columns.Sentence1 ? (string[])[second] : []];
        Dictionary<string, string[]> texts = columns.ToDictionary(name => name, ReadTexts, StringComparer.Ordinal);
        if (texts[Columns.Sentence1].Length == 0)
            throw new InvalidOperationException("The data has no rows to measure on.");
        TMetrics baseline = evaluate(_classifier.Transform(_input));
        ImmutableDictionary<string, TStatistics>.Builder result = ImmutableDictionary.CreateBuilder<string, TStatistics>(StringComparer.Ordinal);
        foreach ((string column, string[] values) in texts)
        {
            TStatistics statistics = makeStatistics();
            for (int i = 0; i < _permutationCount; i++)
            {
                _host.CheckAlive();
                _random.Shuffle(values);
                statistics.Add(difference(evaluate(_classifier.Transform(new ReplacedTextView(_host, _input, column, values))), baseline));
            }
            result[column] = statistics;
            channel.Trace("Permuted the column {0}.", column);
        }
        return result.ToImmutable();
    }

    private string[] ReadTexts(string name)
    {
        DataViewSchema.Column column = TextColumns.Bind(_input.Schema, name, null, "data").All.First();
        using DataViewRowCursor cursor = _input.GetRowCursor([column]);
        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        var texts = new List<string>();
        ReadOnlyMemory<char> text = default;
        while (cursor.MoveNext())
        {
            getter(ref text);
            texts.Add(text.ToString());
        }
        return [.. texts];
    }
}
