using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Catalogs;
using MLNet.FineTune.Models;
using MLNet.FineTune.SelfTraining;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.ActiveLearning;

/// <summary>Texts that might be labelled, and the classifier that is to gain by it.</summary>
internal sealed class LabellingPool
{
    private const int RowsPerPoll = 256;

    private readonly IHost _host;
    private readonly TextClassificationTransformer _classifier;
    private readonly ITransformer[] _before;
    private readonly TextInput[] _texts;

    /// <exception cref="ArgumentException">The model contains no text classifier.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">The data has no rows.</exception>
    public LabellingPool(IHost host, ITransformer model, IDataView data)
    {
        _host = host;
        (_classifier, _before) = ModelChain.Find<TextClassificationTransformer>(model);
        _texts = Read(data, nameof(data));
    }

    public int Count => _texts.Length;

    /// <param name="passes">How often texts are also predicted under dropout; 0 for not at all.</param>
    /// <param name="seed">Seed of dropout; null for the context's.</param>
    public UncertaintyReport Describe(int passes = 0, int? seed = null) =>
        new(Predict(_texts), _classifier.ClassNames, passes == 0 ? [] : PredictWithDropout(passes, seed, "Disagreement"));

    /// <summary>The texts that are worth most, at most as many as asked for, the best first.</summary>
    public LabellingCandidate[] Select(int count, LabellingOptions options)
    {
        count = Math.Min(count, Count);
        return options.Strategy switch
        {
            LabellingStrategy.Entropy => Highest(count, row => row.Entropy),
            LabellingStrategy.Margin => Highest(count, row => row.Margin),
            LabellingStrategy.LeastConfidence => Highest(count, row => row.LeastConfidence),
            LabellingStrategy.Bald => Highest(count, MutualInformation.Of(PredictWithDropout(options.DropoutPasses, options.Seed, $"{nameof(LabellingStrategy)}.{nameof(LabellingStrategy.Bald)}"))),
            LabellingStrategy.CoreSet => FarApart(count, options),
            _ => Highest(count, Contrast(options)),
        };
    }

    private LabellingCandidate[] Highest(int count, Func<RowUncertainty, double> measure) => Highest(count, [.. Describe().Rows.Select(measure)]);

    private static LabellingCandidate[] Highest(int count, double[] scores) =>
        [.. scores.Select((score, row) => new LabellingCandidate(row, score)).OrderByDescending(candidate => candidate.Score).ThenBy(candidate => candidate.Row).Take(count)];

    /// <param name="count">How often.</param>
    /// <param name="seed">Seed of dropout; null for the context's.</param>
    /// <param name="what">What it is for, for messages.</param>
    private PseudoLabels[] PredictWithDropout(int count, int? seed, string what)
    {
        PseudoLabels[] passes = [];
        Use(classifier =>
        {
            // Dropout is a state of the model, and other threads may be scoring with it.
            using TextClassifier copy = classifier.Copy();
            float[][] logits = copy.ScoreWithDropout(_texts, count, seed ?? _host.Rand.Next(), _host.CheckAlive);
            passes = [.. logits.Select(pass => PseudoLabels.FromLogits(pass, copy.ClassCount))];
        });
        return MutualInformation.Of(passes).Any(score => score > 1e-6) ? passes : throw new InvalidOperationException(
            $"{what} finds none: the model was trained without dropout, so that all passes give the same. Choose another measure, or an encoder or method with dropout.");
    }

    private LabellingCandidate[] FarApart(int count, LabellingOptions options)
    {
        LabellingCandidate[] chosen = [];
        Use(classifier =>
        {
            float[] labeled = options.Labeled is null ? [] : Embed(classifier, Read(options.Labeled, nameof(options.Labeled)));
            chosen = [.. CoreSet.Select(Embed(classifier, _texts), classifier.Dimension, labeled, count, _host.CheckAlive).Select(pair => new LabellingCandidate(pair.Row, pair.Distance))];
        });
        return chosen;
    }

    private double[] Contrast(LabellingOptions options)
    {
        double[] scores = [];
        Use(classifier =>
        {
            TextInput[] labeled = Read(options.Labeled!, nameof(options.Labeled));
            scores = ContrastiveAcquisition.Score(
                Embed(classifier, _texts), Predict(_texts), Embed(classifier, labeled), Predict(labeled), classifier.Dimension, options.NeighborCount, _host.CheckAlive);
        });
        return scores;
    }

    private void Use(Action<TextClassifier> action) => _classifier.Classifier.Use(classifier => action(
        classifier as TextClassifier ?? throw new NotSupportedException($"A classifier of type {classifier.GetType().Name} cannot be looked into.")));

    private float[] Embed(TextClassifier classifier, TextInput[] texts)
    {
        var embeddings = new float[texts.Length * classifier.Dimension];
        classifier.Embed(texts, embeddings, _host.CheckAlive);
        return embeddings;
    }

    private PseudoLabels Predict(TextInput[] texts)
    {
        var logits = new float[texts.Length * _classifier.Classifier.Width];
        _classifier.Classifier.Score(texts, logits, _host.CheckAlive);
        return PseudoLabels.FromLogits(logits, _classifier.Classifier.Width);
    }

    private TextInput[] Read(IDataView data, string parameter)
    {
        IDataView view = ModelChain.Apply(_before, data);
        TextColumns columns = TextColumns.Bind(view.Schema, _classifier.Columns.Sentence1, _classifier.Columns.Sentence2, parameter);
        using DataViewRowCursor cursor = view.GetRowCursor(columns.All);
        Func<TextInput> read = columns.MakeReader(cursor);
        var texts = new List<TextInput>();
        while (cursor.MoveNext())
        {
            if (texts.Count % RowsPerPoll == 0)
                _host.CheckAlive();
            texts.Add(read());
        }
        return texts.Count > 0 ? [.. texts] : throw new InvalidOperationException($"The data ({parameter}) has no rows.");
    }
}
