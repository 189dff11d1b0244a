using MLNet.FineTune.Models;

namespace MLNet.FineTune.Transformers;

/// <summary>A model used by any number of cursors and threads, disposed once, after the last call that is still under way.</summary>
/// <remarks>The model holds native memory: freeing it under a scoring thread would end the process, not throw.</remarks>
/// <param name="model">The model, owned from now on.</param>
/// <param name="owner">The type that <see cref="ObjectDisposedException"/> names.</param>
internal abstract class SharedModel<T>(T model, Type owner) : ITextScorer, IDisposable
    where T : IDisposable
{
    private readonly Lock _gate = new();
    private int _uses;
    private bool _disposed;

    public abstract int Width { get; }

    public virtual int WidthOf(TextInput input) => Width;

    public abstract int BatchSize { get; }

    public void CheckAlive() => ObjectDisposedException.ThrowIf(_disposed, owner);

    public void Score(IReadOnlyList<TextInput> inputs, Span<float> scores, Action? checkAlive)
    {
        Enter();
        try
        {
            Score(model, inputs, scores, checkAlive);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Runs an action that needs the model itself.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    public void Use(Action<T> action)
    {
        Enter();
        try
        {
            action(model);
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
        model.Dispose();
    }

    protected abstract void Score(T model, IReadOnlyList<TextInput> inputs, Span<float> scores, Action? checkAlive);

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
        model.Dispose();
    }
}
