namespace MLNet.FineTune.Tests.Fixtures;

/// <summary>Reports at once on the reporting thread, which <see cref="Progress{T}"/> does not.</summary>
internal sealed class Sink<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
