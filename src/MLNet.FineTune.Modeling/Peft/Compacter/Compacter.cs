using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Compacter: bottleneck adapters whose weights are sums of n Kronecker products Σ Aᵢ ⊗ Bᵢ; the n × n matrices Aᵢ are shared by
/// all adapters of the model, and each Bᵢ = sᵢ tᵢ is of low rank (Karimi Mahabadi, Henderson and Ruder 2021, "Compacter:
/// Efficient Low-Rank Hypercomplex Adapter Layers", arXiv 2106.04647). For a width of k and a bottleneck of d, an adapter has
/// 2·r·(k + d) numbers and its biases, the model n³ besides.
/// </summary>
[PeftMethodName("compacter")]
public sealed record Compacter : PeftMethod
{
    private const int MaxSize = 1 << 16;

    /// <summary>The sublayers that get an adapter: both is Compacter, the feed-forward network alone is Compacter++.</summary>
    /// <value><see cref="Sublayers.Both"/>.</value>
    [Choice(Sublayers.Both, Sublayers.FeedForward)]
    public Sublayers Sublayers { get; set; } = Sublayers.Both;

    /// <summary>n: terms of the sum, and size of the shared matrices. Must divide the encoder's width.</summary>
    /// <value>4.</value>
    [Choice(new object[] { 2, 4, 8 }, 4)]
    public int Division { get; set; } = 4;

    /// <summary>r: rank of the matrices Bᵢ.</summary>
    /// <value>1.</value>
    [Range(1, 8, init: 1)]
    public int Rank { get; set; } = 1;

    /// <summary>By how much the bottleneck is narrower than the encoder; the width is rounded up to a multiple of <see cref="Division"/>.</summary>
    /// <value>32.</value>
    [Range(1, 64, init: 32, logBase: true)]
    public int ReductionFactor { get; set; } = 32;

    /// <summary>The nonlinearity.</summary>
    /// <value><see cref="AdapterActivation.Gelu"/>.</value>
    [Choice(AdapterActivation.Gelu, AdapterActivation.Relu, AdapterActivation.Silu, AdapterActivation.Tanh)]
    public AdapterActivation Activation { get; set; } = AdapterActivation.Gelu;

    /// <summary>Whether the normalisations of the layers that carry adapters train too, as in the paper.</summary>
    /// <value>True.</value>
    [BooleanChoice(true)]
    public bool TrainNorms { get; set; } = true;

    /// <summary>The physical layers that get adapters, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    /// <summary>Adapters after the feed-forward network only: half the numbers, and in the paper no worse.</summary>
    public static Compacter PlusPlus() => new() { Sublayers = Sublayers.FeedForward };

    internal override double DefaultLearningRate => 3e-3;

    /// <summary>The width of the bottleneck in an encoder of a given width.</summary>
    internal int SizeFor(int hidden) => Math.Max(1, (hidden / ReductionFactor + Division - 1) / Division) * Division;

    internal override void Validate()
    {
        if (Sublayers is <= Sublayers.None or > Sublayers.Both)
            throw new ArgumentException($"{nameof(Compacter)}.{nameof(Sublayers)} is {Sublayers}; expected {nameof(Sublayers.Attention)}, {nameof(Sublayers.FeedForward)} or {nameof(Sublayers.Both)}.");
        if (Division is < 1 or > 256)
            throw new ArgumentException($"{nameof(Compacter)}.{nameof(Division)} is {Division}; expected 1 to 256.");
        if (Rank is < 1 or > MaxSize)
            throw new ArgumentException($"{nameof(Compacter)}.{nameof(Rank)} is {Rank}; expected 1 to {MaxSize}.");
        if (ReductionFactor is < 1 or > MaxSize)
            throw new ArgumentException($"{nameof(Compacter)}.{nameof(ReductionFactor)} is {ReductionFactor}; expected 1 to {MaxSize}.");
        if (!Enum.IsDefined(Activation))
            throw new ArgumentException($"{nameof(Compacter)}.{nameof(Activation)} is {Activation}; expected {string.Join(", ", Enum.GetNames<AdapterActivation>())}.");
    }

    internal override void Apply(PeftContext context)
    {
        EncoderConfig encoder = context.Encoder.Config;
        if (encoder.HiddenSize % Division != 0)
            throw new ArgumentException($"{nameof(Compacter)}.{nameof(Division)} is {Division}; expected a divisor of the encoder's width, {encoder.HiddenSize}.");
        LayerRange.Check(nameof(Compacter), Layers, encoder);
        ResidualPlaces places = ResidualPlaces.Of(context, Sublayers, layer => Layers?.Contains(layer) != false);
        if (places.Empty)
            throw new ArgumentException($"{nameof(Compacter)} found no layer to adapt: {nameof(Layers)} is [{string.Join(", ", Layers ?? [])}]; the model has {context.Encoder.Layers.Count} with weights of their own.");
        var rule = new KroneckerRule(Division, encoder.Device);
        context.Share("compacter", rule);
        places.Fill("compacter", () => new CompacterModule(this, rule, encoder));
        if (TrainNorms)
            places.TrainNorms();
    }
}
