using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Peft;

/// <summary>Where a <see cref="PeftMethod"/> says what it adds to a model and what of it trains.</summary>
internal sealed class PeftContext(TaskModel model)
{
    /// <summary>The path of the table of word embeddings.</summary>
    public const string WordEmbeddings = "encoder.embeddings.word";

    private readonly List<Placement> _placed = [];
    private readonly HashSet<string> _trained = [];
    private readonly Dictionary<string, IReadOnlySet<string>> _trainedByPart = [];

    public TaskModel Model { get; } = model;

    public TransformerEncoder Encoder => Model.Encoder;

    /// <summary>The modules placed so far.</summary>
    public IReadOnlyList<Placement> Placed => _placed;

    /// <summary>Names of the model's own parameters that train, besides the head's.</summary>
    public IReadOnlySet<string> Trained => _trained;

    /// <summary>Puts an adapter at a projection; <paramref name="path"/> is that of <see cref="TaskModel.Linears"/>.</summary>
    public void Place(string path, AdaptableLinear linear, LinearAdapter adapter) => _placed.Add(new Placement(path, linear.Site, adapter, linear));

    /// <summary>Puts an adapter at the table of word embeddings.</summary>
    public void PlaceAtWords(InputAdapter adapter) => _placed.Add(new Placement(WordEmbeddings, Encoder.Embeddings.Site, adapter, Table: Encoder.Embeddings.Word));

    /// <summary>Puts a module at a site. The module's parameters are named <c>path.parameter</c>; the path is unique.</summary>
    public void Place<TModule>(string path, Site<TModule> site, TModule module) where TModule : PeftModule => _placed.Add(new Placement(path, site, module));

    /// <summary>Adds a module that has no site of its own, because modules at several sites share it.</summary>
    public void Share(string path, PeftModule module) => _placed.Add(new Placement(path, null, module));

    /// <summary>What each part of a union lets train, by the prefix of the part.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> TrainedByPart => _trainedByPart;

    /// <summary>Takes over what a part of a union placed and lets train.</summary>
    /// <param name="prefix">What the union puts before the part's names.</param>
    /// <param name="placed">The modules of the part.</param>
    /// <param name="trained">Names of the model's parameters that train.</param>
    /// <param name="parts">The same of the part's own parts.</param>
    public void Adopt(string prefix, IEnumerable<Placement> placed, IReadOnlySet<string> trained, IReadOnlyDictionary<string, IReadOnlySet<string>> parts)
    {
        _placed.AddRange(placed);
        _trained.UnionWith(trained);
        _trainedByPart[prefix] = trained;
        foreach ((string inner, IReadOnlySet<string> names) in parts)
            _trainedByPart[prefix + inner] = names;
    }

    /// <summary>Lets the parameters whose names satisfy the rule train.</summary>
    public void Train(Func<string, bool> rule)
    {
        foreach (var (name, _) in Model.named_parameters())
            if (rule(name))
                _trained.Add(name);
    }
}

/// <summary>A module at its site.</summary>
/// <param name="Path">Of the module, before the names of its parameters.</param>
/// <param name="Site">Where it is; null for a module that others share.</param>
/// <param name="Module">The module.</param>
/// <param name="Linear">The projection it is at; null at sites of other kinds.</param>
/// <param name="Table">The table whose vectors it changes; null at sites of other kinds.</param>
internal sealed record Placement(string Path, Site? Site, PeftModule Module, AdaptableLinear? Linear = null, Embedding? Table = null) : IDisposable
{
    /// <summary>The lowest layer whose computation the module changes: the physical layer of its site where it says nothing else; null for none.</summary>
    public int? LowestLayer => Module.LowestLayer ?? Site?.Layer;

    /// <summary>What the names of its parameters begin with: the path, after a prefix where it belongs to a part of a union.</summary>
    public string Name { get; init; } = Path;

    /// <summary>A module that stands at the site in its place and calls it; null for none.</summary>
    public PeftModule? Wrapper { get; init; }

    /// <summary>What stands at the site.</summary>
    public PeftModule AtSite => Wrapper ?? Module;

    /// <summary>The module and what wraps it.</summary>
    public IEnumerable<PeftModule> Modules => Wrapper is null ? [Module] : [Module, Wrapper];

    /// <summary>Whether it was placed by the part of a union with that prefix.</summary>
    public bool IsOf(string prefix) => Name.StartsWith(prefix, StringComparison.Ordinal);

    /// <summary>As the part of a union sees it.</summary>
    public Placement Unprefixed(string prefix) => this with { Name = Name[prefix.Length..], Wrapper = null };

    public void Dispose()
    {
        Module.Dispose();
        Wrapper?.Dispose();
    }
}
