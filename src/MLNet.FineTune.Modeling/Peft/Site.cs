using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Peft;

/// <summary>A place in a model where modules can be put.</summary>
/// <param name="layer">The physical layer it is in; null outside the layers.</param>
internal abstract class Site(int? layer)
{
    public int? Layer { get; } = layer;

    public abstract void Place(PeftModule module);

    public abstract void Remove(PeftModule module);
}

/// <summary>A place for modules of one kind.</summary>
internal sealed class Site<TModule>(int? layer) : Site(layer) where TModule : PeftModule
{
    private readonly List<TModule> _modules = [];

    /// <summary>The modules placed here, in the order they apply.</summary>
    public IReadOnlyList<TModule> Modules => _modules;

    /// <summary>Whether any module takes part now.</summary>
    public bool Occupied
    {
        get
        {
            foreach (TModule module in _modules)
                if (module.Active)
                    return true;
            return false;
        }
    }

    public override void Place(PeftModule module) => _modules.Add((TModule)module);

    public override void Remove(PeftModule module) => _modules.Remove((TModule)module);
}
