namespace MLNet.FineTune.Models;

/// <summary>The caches of one encoder, one for each depth at which training begins.</summary>
/// <param name="memoryLimit">Bytes that they may keep in memory, all together.</param>
/// <param name="alone">Whether the states of a text are computed without others beside it: slower, and the same to the bit whenever the text comes up, as a training needs that goes on from a checkpoint.</param>
internal sealed class HiddenStateCaches(long memoryLimit, bool alone = false) : IDisposable
{
    /// <summary>Whether the states of a text are computed without others beside it.</summary>
    public bool Alone => alone;

    private readonly MemoryBudget _memory = new(memoryLimit);
    private readonly Dictionary<(int Layers, bool AllStates, bool FirstOnly), HiddenStateCache> _caches = [];

    /// <summary>The cache of the states after some layers.</summary>
    /// <param name="layers">How many layers.</param>
    /// <param name="allStates">Whether the states below are kept too.</param>
    /// <param name="firstOnly">Whether only the first vector of each text is kept.</param>
    public HiddenStateCache At(int layers, bool allStates, bool firstOnly)
    {
        if (!_caches.TryGetValue((layers, allStates, firstOnly), out HiddenStateCache? cache))
            _caches.Add((layers, allStates, firstOnly), cache = new HiddenStateCache(_memory));
        return cache;
    }

    public void Dispose()
    {
        foreach (HiddenStateCache cache in _caches.Values)
            cache.Dispose();
        _caches.Clear();
    }
}
