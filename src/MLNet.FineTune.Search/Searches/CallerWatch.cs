namespace MLNet.FineTune.Search;

/// <summary>Looks again and again whether the caller's context was cancelled, so that a fit that looks at a context of its own ends soon too.</summary>
internal sealed class CallerWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Timer _timer;

    /// <param name="checkAlive">Throws when it was, and lets others know.</param>
    public CallerWatch(Action checkAlive) => _timer = new Timer(_ => Look(checkAlive), state: null, Interval, Interval);

    /// <summary>Returns when no look is under way any more.</summary>
    public void Dispose() => _timer.DisposeAsync().AsTask().GetAwaiter().GetResult();

    private static void Look(Action checkAlive)
    {
        try
        {
            checkAlive();
        }
        catch (OperationCanceledException)
        {
            // Whoever waits for it was told.
        }
    }
}
