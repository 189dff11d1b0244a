using MLNet.FineTune.Models;

namespace MLNet.FineTune.Transformers;

/// <summary>A classifier used by any number of cursors and threads, disposed once, after the last call that is still under way.</summary>
/// <remarks>The classifier holds native memory: freeing it under a scoring thread would end the process, not throw.</remarks>
internal sealed class SharedClassifier(ITextClassifier classifier) : IDisposable
{
    private readonly Lock _gate = new();
    private int _uses;
    private bool _disposed;

    public int ClassCount { get; } = classifier.ClassCount;

    public int BatchSize { get; } = Math.Max(1, classifier.BatchSize);

    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void CheckAlive() => ObjectDisposedException.ThrowIf(_disposed, typeof(TextClassificationTransformer));

    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void Score(IReadOnlyList<TextInput> inputs, Span<float> logits, Action? checkAlive)
    {
        Enter();
        try
        {
            classifier.Score(inputs, logits, checkAlive);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Runs an action that needs the classifier itself.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void Use(Action<ITextClassifier> action)
    {
        Enter();
        try
        {
            action(classifier);
        }
        finally
        {
            Leave();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_uses > 0)
                return;
        }
        classifier.Dispose();
    }

    private void Enter()
    {
        lock (_gate)
        {
            CheckAlive();
            _uses++;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_uses > 0 || !_disposed)
                return;
        }
        classifier.Dispose();
    }
}
