using MLNet.FineTune.Encoders;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Bottleneck adapters: small networks up(f(down(x))) after or beside the sublayers of a frozen transformer. The options cover
/// Houlsby et al. 2019, "Parameter-Efficient Transfer Learning for NLP" (arXiv 1902.00751); Pfeiffer et al. 2020,
/// "AdapterFusion" (arXiv 2005.00247), the default here; the parallel and scaled parallel adapters of He et al. 2021, "Towards a
/// Unified View of Parameter-Efficient Transfer Learning" (arXiv 2110.04366); and the dropping of low layers of Rücklé et al.
/// 2020, "AdapterDrop" (arXiv 2010.11918).
/// </summary>
[PeftMethodName("bottleneck")]
public sealed record BottleneckAdapter : PeftMethod
{
    private const int MaxSize = 1 << 16;

    /// <summary>What the adapters read.</summary>
    /// <value><see cref="AdapterPlacement.SerialNormalized"/>.</value>
    [Choice(AdapterPlacement.SerialNormalized, AdapterPlacement.Serial, AdapterPlacement.Parallel)]
    public AdapterPlacement Placement { get; set; } = AdapterPlacement.SerialNormalized;

    /// <summary>The sublayers that get an adapter.</summary>
    /// <value><see cref="Sublayers.FeedForward"/>.</value>
    [Choice(Sublayers.FeedForward, Sublayers.Attention, Sublayers.Both)]
    public Sublayers Sublayers { get; set; } = Sublayers.FeedForward;

    /// <summary>By how much the bottleneck is narrower than the encoder, where <see cref="Size"/> is null.</summary>
    /// <value>16.</value>
    [Range(1, 128, init: 16, logBase: true)]
    public int ReductionFactor { get; set; } = 16;

    /// <summary>Width of the bottleneck; null for the encoder's width over <see cref="ReductionFactor"/>.</summary>
    /// <value>Null.</value>
    public int? Size { get; set; }

    /// <summary>The nonlinearity f.</summary>
    /// <value><see cref="AdapterActivation.Relu"/>.</value>
    [Choice(AdapterActivation.Relu, AdapterActivation.Gelu, AdapterActivation.Silu, AdapterActivation.Tanh)]
    public AdapterActivation Activation { get; set; } = AdapterActivation.Relu;

    /// <summary>s: what an adapter gives is multiplied by it before it is added.</summary>
    /// <value>1.</value>
    [Range(0.5f, 8f, init: 1f, logBase: true)]
    public float Scale { get; set; } = 1;

    /// <summary>Whether <see cref="Scale"/> trains, one number an adapter.</summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool LearnScale { get; set; }

    /// <summary>How adapters start.</summary>
    /// <value><see cref="AdapterInitialization.Zero"/>.</value>
    public AdapterInitialization Initialization { get; set; } = AdapterInitialization.Zero;

    /// <summary>Probability of dropout inside the bottleneck, while training.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float Dropout { get; set; }

    /// <summary>Whether the normalisations of the layers that carry adapters train too, as Houlsby et al. have it.</summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool TrainNorms { get; set; }

    /// <summary>The physical layers that get adapters, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    /// <summary>How many of the lowest layers get none: training then never runs backwards through them ("specialised AdapterDrop").</summary>
    /// <value>0. No search varies it: what is possible depends on the encoder's depth.</value>
    public int SkipLayers { get; set; }

    /// <summary>
    /// While training, each step switches off the adapters of so many of the lowest layers, drawn from 0 to this number, so that the
    /// model can later be scored with any <see cref="DropLayers"/> up to it ("robust AdapterDrop").
    /// </summary>
    /// <value>0.</value>
    public int RandomDropLayers { get; set; }

    /// <summary>How many of the lowest layers score without their adapters, which is faster; training has them all.</summary>
    /// <value>0.</value>
    public int DropLayers { get; set; }

    /// <summary>After attention and feed-forward network, width 64, GELU, trained normalisations (arXiv 1902.00751).</summary>
    public static BottleneckAdapter Houlsby() => new()
    {
        Placement = AdapterPlacement.Serial,
        Sublayers = Sublayers.Both,
        Size = 64,
        Activation = AdapterActivation.Gelu,
        Initialization = AdapterInitialization.NearZero,
        TrainNorms = true,
    };

    /// <summary>After the feed-forward network only, a sixteenth of the encoder's width, ReLU (arXiv 2005.00247): the default options.</summary>
    public static BottleneckAdapter Pfeiffer() => new();

    /// <summary>Beside the feed-forward network, half the encoder's width, ReLU (arXiv 2110.04366).</summary>
    public static BottleneckAdapter Parallel() => new() { Placement = AdapterPlacement.Parallel, ReductionFactor = 2 };

    /// <summary>Beside the feed-forward network, width 512, scaled by 4 (arXiv 2110.04366).</summary>
    public static BottleneckAdapter ScaledParallel() => new() { Placement = AdapterPlacement.Parallel, Size = 512, Scale = 4 };

    internal override double DefaultLearningRate => 1e-3;

    /// <summary>A scale multiplies what a step changes too.</summary>
    internal override double DefaultLearningRateFor(EncoderConfig encoder) => base.DefaultLearningRateFor(encoder) / Math.Max(1, Scale);

    /// <summary>The width of the bottleneck in an encoder of a given width.</summary>
    internal int SizeFor(int hidden) => Size ?? Math.Max(1, hidden / ReductionFactor);

    internal override void Validate()
    {
        if (!Enum.IsDefined(Placement))
            throw new ArgumentException($"{nameof(BottleneckAdapter)}.{nameof(Placement)} is {Placement}; expected {string.Join(", ", Enum.GetNames<AdapterPlacement>())}.");
        if (Sublayers is <= Sublayers.None or > Sublayers.Both)
            throw new ArgumentException($"{nameof(BottleneckAdapter)}.{nameof(Sublayers)} is {Sublayers}; expected {nameof(Sublayers.Attention)}, {nameof(Sublayers.FeedForward)} or {nameof(Sublayers.Both)}.");
        if (ReductionFactor is < 1 or > MaxSize)
            throw new ArgumentException($"{nameof(BottleneckAdapter)}.{nameof(ReductionFactor)} is {ReductionFactor}; expected 1 to {MaxSize}.");
        if (Size is < 1 or > MaxSize)
            throw new ArgumentException($"{nameof(BottleneckAdapter)}.{nameof(Size)} is {Size}; expected 1 to {MaxSize}, or null.");
        if (!Enum.IsDefined(Activation))
            throw new ArgumentException($"{nameof(BottleneckAdapter)}.{nameof(Activation)} is {Activation}; expected {string.Join(", ", Enum.GetNames<AdapterActivation>())}.");
        OptionRange.Require(float.IsFinite(Scale) && Scale != 0, nameof(BottleneckAdapter), nameof(Scale), Scale, "a number other than 0");
        if (!Enum.IsDefined(Initialization))
            throw new ArgumentException($"{nameof(BottleneckAdapter)}.{nameof(Initialization)} is {Initialization}; expected {string.Join(", ", Enum.GetNames<AdapterInitialization>())}.");
        OptionRange.Share(nameof(BottleneckAdapter), Dropout);
        NotNegative(nameof(SkipLayers), SkipLayers);
        NotNegative(nameof(RandomDropLayers), RandomDropLayers);
        NotNegative(nameof(DropLayers), DropLayers);
    }

    internal override void Apply(PeftContext context)
    {
        LayerRange.Check(nameof(BottleneckAdapter), Layers, context.Encoder.Config);
        ResidualPlaces places = ResidualPlaces.Of(context, Sublayers, layer => layer >= SkipLayers && Layers?.Contains(layer) != false);
        if (places.Empty)
            throw new ArgumentException($"{nameof(BottleneckAdapter)} found no layer to adapt: {nameof(SkipLayers)} is {SkipLayers}"
                + $"{(Layers is null ? "" : $", {nameof(Layers)} is [{string.Join(", ", Layers)}]")}; the model has {context.Encoder.Layers.Count} with weights of their own.");
        places.Fill("adapter", () => new BottleneckModule(this, context.Encoder.Config));
        if (TrainNorms)
            places.TrainNorms();
    }

    internal override bool IsDropped(Placement placed) => placed.Site?.Layer < DropLayers;

    internal override PeftTraining? CreateTraining(PeftAdapter adapter) => RandomDropLayers == 0 ? null : new AdapterDropTraining(adapter.Placed, RandomDropLayers);

    private static void NotNegative(string option, int value)
    {
        if (value < 0)
            throw new ArgumentException($"{nameof(BottleneckAdapter)}.{option} is {value}; expected at least 0.");
    }
}
