using MLNet.FineTune.Encoders;

namespace MLNet.FineTune.Peft;

/// <summary>The sublayers of chosen layers, for a method that places modules of one kind after or beside them.</summary>
internal sealed class ResidualPlaces
{
    private readonly PeftContext _context;
    private readonly List<(string Path, Site<ResidualAdapter> Site)> _places = [];
    private readonly List<string> _layers = [];

    private ResidualPlaces(PeftContext context) => _context = context;

    public bool Empty => _places.Count == 0;

    /// <param name="context">Where modules are placed.</param>
    /// <param name="sublayers">The sublayers.</param>
    /// <param name="chosen">Which physical layers.</param>
    public static ResidualPlaces Of(PeftContext context, Sublayers sublayers, Func<int, bool> chosen)
    {
        var places = new ResidualPlaces(context);
        foreach (var (index, layer) in context.Encoder.Layers.Index().Where(layer => chosen(layer.Index)))
        {
            string path = $"encoder.layers.{index}.";
            places._layers.Add(path);
            if (sublayers.HasFlag(Sublayers.Attention))
                places._places.Add((path + "attention", layer.AttentionSite));
            if (sublayers.HasFlag(Sublayers.FeedForward))
                places._places.Add((path + "ffn", layer.FeedForwardSite));
        }
        return places;
    }

    /// <summary>Puts a module at each; its path is <c>encoder.layers.0.attention_name</c> and the like.</summary>
    public void Fill(string name, Func<ResidualAdapter> create)
    {
        foreach (var (path, site) in _places)
            _context.Place($"{path}_{name}", site, create());
    }

    /// <summary>Lets the normalisations of the layers train.</summary>
    public void TrainNorms() => _context.Train(name =>
        _layers.Any(layer => name.StartsWith(layer, StringComparison.Ordinal)) && (name.EndsWith("norm.weight", StringComparison.Ordinal) || name.EndsWith("norm.bias", StringComparison.Ordinal)));
}
