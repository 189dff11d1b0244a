using MLNet.FineTune.Runtime;

namespace MLNet.FineTune.Search;

/// <summary>The most main memory that the process holds while it is watched, beyond what it held in the beginning.</summary>
internal sealed class MemoryPeak : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _thread;
    private readonly long _before;
    private long _peak;

    private MemoryPeak()
    {
        // What earlier trials left is neither in the beginning nor room for the next one.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        NativeHeap.Trim();
        _before = _peak = Environment.WorkingSet;
        _thread = new Thread(Watch) { IsBackground = true, Name = "Memory of a trial" };
        _thread.Start();
    }

    /// <summary>Begins to watch, on a thread of its own, until it is disposed.</summary>
    public static MemoryPeak Begin() => new();

    /// <summary>Bytes.</summary>
    public long Bytes
    {
        get
        {
            Look();
            return Interlocked.Read(ref _peak) - _before;
        }
    }

    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }

    private void Watch()
    {
        while (!_end.Wait(Interval))
            Look();
    }

    private void Look()
    {
        long now = Environment.WorkingSet;
        for (long peak = Interlocked.Read(ref _peak); now > peak && Interlocked.CompareExchange(ref _peak, now, peak) is var seen && seen != peak; peak = seen)
        {
        }
    }
}
