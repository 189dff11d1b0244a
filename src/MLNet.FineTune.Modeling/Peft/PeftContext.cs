using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Peft;

/// <summary>Where a <see cref="PeftMethod"/> says what it adds to a model and what of it trains.</summary>
internal sealed class PeftContext(TaskModel model)
{
    private readonly List<PlacedAdapter> _placed = [];
    private readonly HashSet<string> _trained = [];

    public TaskModel Model { get; } = model;

    /// <summary>The adapters placed at linear projections.</summary>
    public IReadOnlyList<PlacedAdapter> Placed => _placed;

    /// <summary>Names of the model's own parameters that train, besides the head's.</summary>
    public IReadOnlySet<string> Trained => _trained;

    /// <summary>Puts an adapter at a projection; <paramref name="path"/> is that of <see cref="TaskModel.Linears"/>.</summary>
    public void Place(string path, AdaptableLinear linear, LinearAdapter adapter) => _placed.Add(new PlacedAdapter(path, linear, adapter));

    /// <summary>Lets the parameters whose names satisfy the rule train.</summary>
    public void Train(Func<string, bool> rule)
    {
        foreach (var (name, _) in Model.named_parameters())
            if (rule(name))
                _trained.Add(name);
    }
}

/// <summary>An adapter at its projection.</summary>
internal sealed record PlacedAdapter(string Path, AdaptableLinear Linear, LinearAdapter Adapter);
