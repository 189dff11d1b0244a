namespace MLNet.FineTune.Models;

/// <summary>Memory that several stores share: whoever needs some first has it.</summary>
/// <remarks>Not for use by several threads at once.</remarks>
internal sealed class MemoryBudget
{
    /// <param name="bytes">All of it.</param>
    public MemoryBudget(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Left = bytes;
    }

    /// <summary>Bytes that nobody has taken.</summary>
    public long Left { get; private set; }

    /// <summary>Takes some for good.</summary>
    /// <returns>False, and nothing is taken, where less is left.</returns>
    public bool TryTake(long bytes)
    {
        if (bytes > Left)
            return false;
        Left -= bytes;
        return true;
    }
}
