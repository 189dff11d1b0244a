using System.Text;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Tests.Fakes;

/// <summary>A deterministic stand-in for a network: logits are sums of the weights of hashed words. It counts how it is used.</summary>
internal sealed class BagOfWordsClassifier(int classCount, float[] weights, int batchSize = 4) : ITextClassifier
{
    public const int Buckets = 512;

    private int _calls;
    private int _rows;
    private int _active;
    private int _disposals;

    public int ClassCount => classCount;

    public int BatchSize => batchSize;

    public float[] Weights => weights;

    public int Calls => _calls;

    public int Rows => _rows;

    public int Disposals => _disposals;

    /// <summary>Set when the classifier was disposed while a call was under way, or used after.</summary>
    public bool Misused { get; private set; }

    /// <summary>Runs inside each call of <see cref="Score"/>.</summary>
    public Action? OnScore { get; set; }

    public static BagOfWordsClassifier Random(int classCount, int seed = 1, int batchSize = 4)
    {
        var random = new Random(seed);
        return new(classCount, [.. Enumerable.Range(0, classCount * Buckets).Select(_ => (float)(random.NextDouble() * 4 - 2))], batchSize);
    }

    /// <summary>The logits of one input, from the definition.</summary>
    public float[] Logits(TextInput input)
    {
        float[] logits = new float[classCount];
        Add(input.Text, "", logits);
        if (input.Pair is not null)
            Add(input.Pair, "pair:", logits);
        return logits;
    }

    public void Score(IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive = null)
    {
        Assert.AreEqual(inputs.Count * classCount, logits.Length);
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _rows, inputs.Count);
        Interlocked.Increment(ref _active);
        checkAlive?.Invoke();
        OnScore?.Invoke();
        for (int i = 0; i < inputs.Count; i++)
            Logits(inputs[i]).CopyTo(logits[(i * classCount)..]);
        Misused |= _disposals > 0;
        Interlocked.Decrement(ref _active);
    }

    public void Dispose()
    {
        Misused |= _active > 0;
        Interlocked.Increment(ref _disposals);
    }

    public static int Bucket(string word)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(word))
            hash = (hash ^ b) * 16777619;
        return (int)(hash % Buckets);
    }

    private void Add(string text, string prefix, float[] logits)
    {
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            int bucket = Bucket(prefix + word);
            for (int c = 0; c < classCount; c++)
                logits[c] += weights[bucket * classCount + c];
        }
    }
}
