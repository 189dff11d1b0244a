using System.Text.Json.Nodes;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using Microsoft.ML.SearchSpace;

namespace MLNet.FineTune;

/// <summary>
/// Orthogonal fine-tuning: every weight is multiplied by a trained rotation R of its inputs, block by block, so that lengths of the rows and
/// angles between them stay what pre-training made them. R = (I − Q)(I + Q)⁻¹ with Q skew-symmetric (Cayley), whose entries above the diagonal
/// are what trains; they start at zero and R at the identity. Merges into the weights
/// (Qiu et al. 2023, "Controlling Text-to-Image Diffusion by Orthogonal Finetuning", arXiv 2306.07280).
/// </summary>
/// <remarks>The rotation is of the inputs, as in Python's peft and "Orthogonal Finetuning Made Scalable" (Qiu et al. 2025, arXiv 2506.19847).
/// It is computed anew for every batch: where texts are scored one by one, merging the adapter pays.</remarks>
[PeftMethodName("oft")]
public sealed record Oft : PeftMethod
{
    /// <summary>How wide the blocks are, at least 2. Where that does not divide the width of a projection's input, the divisor next to it is taken, of two the smaller.</summary>
    /// <value>32.</value>
    [Range(4, 128, init: 32, logBase: true)]
    public int BlockSize { get; set; } = 32;

    /// <summary>How many blocks there are at each projection, whatever its width. When set, <see cref="BlockSize"/> is not used; peft's <c>r</c>.</summary>
    /// <value>Null.</value>
    public int? BlockCount { get; set; }

    /// <summary>Whether all blocks of a projection are the same rotation.</summary>
    /// <value>False.</value>
    [BooleanChoice(false)]
    public bool ShareBlocks { get; set; }

    /// <summary>
    /// How many terms of Neumann's series stand for R instead of the inverse, which is quicker and only nearly a rotation: I + 2Q + 2Q² + …,
    /// the last term once (arXiv 2506.19847); peft's default is 5. Q has the other sign than in the exact form, as in peft.
    /// </summary>
    /// <value>Null: the inverse itself.</value>
    public int? NeumannTerms { get; set; }

    /// <summary>Probability, while training, that a block rotates nothing in a step.</summary>
    /// <value>0.</value>
    [Range(0f, 0.5f, init: 0f)]
    public float ModuleDropout { get; set; }

    /// <summary>The projections that are rotated, by role.</summary>
    /// <value>Null: query and value in encoders of four layers and more, every projection inside the layers in shallower ones, as with <see cref="Lora"/>.</value>
    public TargetModules? Targets { get; set; }

    /// <summary>The same by name: a regular expression that must match the whole path a module has in the checkpoint. When set, <see cref="Targets"/> is not used.</summary>
    /// <value>Null.</value>
    public string? TargetPattern { get; set; }

    /// <summary>The layers that are rotated, counted from zero; null for all.</summary>
    /// <value>Null.</value>
    public int[]? Layers { get; set; }

    private TargetSelection Selection => new(nameof(Oft), Targets ?? TargetModules.None, TargetPattern, Layers);

    internal override double DefaultLearningRate => 1e-3;

    internal override void Validate()
    {
        OptionRange.Rank(nameof(Oft), BlockSize, least: 2);
        if (BlockCount is { } count)
            OptionRange.Rank(nameof(Oft), count, option: nameof(BlockCount));
        OptionRange.Require(NeumannTerms is null or (>= 2 and <= 64), nameof(Oft), nameof(NeumannTerms), NeumannTerms, "null or 2 to 64");
        OptionRange.Share(nameof(Oft), ModuleDropout);
        if (Targets is not null || TargetPattern is not null)
            Selection.Validate();
    }

    internal override PeftMethod For(EncoderConfig encoder) => Targets is not null || TargetPattern is not null ? this
        : this with { Targets = ShallowEncoder.Targets(encoder) };

    internal override void Apply(PeftContext context)
    {
        foreach (var (path, linear) in Selection.Of(context.Model))
            context.Place(path, linear, new OftLinear(linear, SizeFor(context.Model, path, linear), this));
    }

    internal override string PeftType => "OFT";

    internal override JsonObject WriteAdapterConfig(PeftAdapter adapter) => OftAdapterConfig.Write(this, adapter);

    internal override PeftMethod ReadAdapterConfig(JsonObject json, string location) => OftAdapterConfig.Read(json, location);

    /// <summary>The divisor of a width that is next to a number, of two the smaller; the width itself where the number is no smaller.</summary>
    internal static int NearestDivisor(int width, int number)
    {
        if (number >= width)
            return width;
        for (int distance = 0; ; distance++)
        {
            if (number - distance >= 1 && width % (number - distance) == 0)
                return number - distance;
            if (width % (number + distance) == 0)
                return number + distance;
        }
    }

    private int SizeFor(TaskModel model, string path, AdaptableLinear linear)
    {
        int size = BlockCount is { } count ? linear.Inputs / NearestDivisor(linear.Inputs, count) : NearestDivisor(linear.Inputs, BlockSize);
        string option = BlockCount is null ? nameof(BlockSize) : nameof(BlockCount);
        OptionRange.Require(size > 1, nameof(Oft), option, BlockCount ?? BlockSize, $"a number that divides the input of {model.Names.Module(path)}, {linear.Inputs} wide, into blocks of 2 and more");
        return size;
    }
}
