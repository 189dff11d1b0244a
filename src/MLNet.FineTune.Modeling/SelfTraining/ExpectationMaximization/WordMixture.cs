using System.Numerics.Tensors;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.SelfTraining;

/// <summary>
/// Naive Bayes over the words of texts, fitted by expectation maximisation to texts with and without labels (Nigam et al. 2000): each class has a distribution of words,
/// each text has a class, and where that is not given its probabilities are those of its words times those that something else, the encoder, gives it.
/// </summary>
/// <remarks>
/// A word is a token of the encoder's vocabulary that a text has, however often; tokens that all texts have, such as those around a text, tell no class from another and are left out.
/// </remarks>
internal sealed class WordMixture
{
    /// <summary>No class is ruled out by the encoder alone.</summary>
    private const float Floor = 1e-4f;

    private readonly WordMixtureOptions _options;
    private readonly int _classes;
    private readonly int[][] _labeled, _unlabeled;
    private readonly int[] _labels;
    private readonly float[]? _labelWeights;
    private readonly float[] _prior, _probabilities;
    private readonly double[] _counts, _totals;

    /// <summary>The logarithm of each word's probability in each class, row-major [words, classes].</summary>
    private readonly float[] _words;

    /// <param name="labeled">Texts with labels.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="labelWeights">Their weights; null where all weigh one.</param>
    /// <param name="unlabeled">Texts without.</param>
    /// <param name="prior">What the encoder takes those for; also where the fitting begins.</param>
    /// <param name="options">How it is fitted.</param>
    public WordMixture(TextBatches labeled, int[] labels, float[]? labelWeights, TextBatches unlabeled, PseudoLabels prior, WordMixtureOptions options)
    {
        (_options, _labels, _labelWeights, _classes) = (options, labels, labelWeights, prior.ClassCount);
        var words = new TextWords(labeled, unlabeled);
        (_labeled, _unlabeled) = (words.Of(labeled), words.Of(unlabeled));
        _prior = [.. prior.Probabilities.Select(p => MathF.Log(Math.Max(p, Floor)))];
        _probabilities = [.. prior.Probabilities];
        (_counts, _words, _totals) = (new double[words.Count * _classes], new float[words.Count * _classes], new double[_classes]);
    }

    /// <summary>Fits, and gives what the texts without labels are then taken for.</summary>
    /// <param name="checkAlive">Called between iterations; throws to stop.</param>
    public PseudoLabels Fit(Action? checkAlive = null)
    {
        for (int iteration = 0; iteration < _options.Iterations; iteration++)
        {
            checkAlive?.Invoke();
            Maximize();
            Expect();
        }
        return new PseudoLabels(_probabilities, _classes);
    }

    /// <summary>The word distributions by the texts' classes, with a Dirichlet prior.</summary>
    private void Maximize()
    {
        Array.Clear(_counts);
        Array.Clear(_totals);
        for (int row = 0; row < _labeled.Length; row++)
            foreach (int word in _labeled[row])
                Count(word, _labels[row], _labelWeights?[row] ?? 1);
        for (int row = 0; row < _unlabeled.Length; row++)
            for (int label = 0; label < _classes; label++)
                if (_probabilities[row * _classes + label] * _options.UnlabeledWeight is > 0 and var weight)
                    foreach (int word in _unlabeled[row])
                        Count(word, label, weight);
        double words = _words.Length / _classes;
        for (int i = 0; i < _words.Length; i++)
            _words[i] = (float)Math.Log((_counts[i] + _options.Smoothing) / (_totals[i % _classes] + _options.Smoothing * words));
    }

    /// <summary>The classes of the texts without labels, by their words and the encoder.</summary>
    private void Expect() => Parallel.For(0, _unlabeled.Length, row =>
    {
        Span<float> scores = _probabilities.AsSpan(row * _classes, _classes);
        scores.Clear();
        foreach (int word in _unlabeled[row])
            TensorPrimitives.Add(scores, _words.AsSpan(word * _classes, _classes), scores);
        TensorPrimitives.MultiplyAdd(scores, (float)_options.WordWeight, _prior.AsSpan(row * _classes, _classes), scores);
        TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
        TensorPrimitives.SoftMax<float>(scores, scores);
    });

    private void Count(int word, int label, double weight)
    {
        _counts[word * _classes + label] += weight;
        _totals[label] += weight;
    }
}
