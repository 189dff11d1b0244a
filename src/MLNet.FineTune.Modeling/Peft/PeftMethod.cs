using MLNet.FineTune.Encoders;
using System.Text.Json.Nodes;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>
/// What of a pretrained encoder trains, and which modules are added to it: the base of the options records
/// <see cref="FullFineTuning"/>, <see cref="HeadOnly"/>, <see cref="Lora"/> and the like. The classification head always trains.
/// </summary>
public abstract record PeftMethod
{
    private const double HighestLearningRate = 1e-2;

    /// <summary>The name the method has in saved models, for instance <c>lora</c>.</summary>
    public string MethodName => PeftMethods.NameOf(GetType());

    /// <summary>Reads the text that <see cref="Format"/> writes, for instance <c>lora(rank=16, targets=query|value)</c>; methods between bars are a <see cref="PeftUnion"/>.</summary>
    /// <remarks>Names of methods, options and values go without regard to case, underscores and hyphens.</remarks>
    /// <exception cref="FormatException">A method, option or value is not known or not valid; names where, what was found and what is known.</exception>
    public static PeftMethod Parse(string text) => MethodText.Parse(text);

    /// <summary>The method as a text, with the options that differ from their defaults.</summary>
    public string Format() => MethodText.Format(this);

    /// <summary>Whether the method changes the base weights so widely that the whole model is saved instead of an adapter.</summary>
    internal virtual bool ReplacesBase => false;

    /// <summary>The peak learning rate that suits the method on a pretrained encoder.</summary>
    internal virtual double DefaultLearningRate => 5e-4;

    /// <summary>The same for an encoder of a given size: small ones stand, and need, higher rates than those of BERT's size, for which the rate is meant.</summary>
    internal virtual double DefaultLearningRateFor(EncoderConfig encoder) => Math.Min(DefaultLearningRate * SizeFactor(encoder), Math.Max(DefaultLearningRate, HighestLearningRate));

    /// <summary>The root of how much smaller the layers are than BERT-base's, as rates of small BERTs rise (Turc et al. 2019, arXiv 1908.08962); at least one.</summary>
    private protected static double SizeFactor(EncoderConfig encoder)
    {
        double usual = LayerSize(768, 3072, 12), size = LayerSize(encoder.HiddenSize, encoder.IntermediateSize, encoder.LayerCount);
        return Math.Max(1, Math.Sqrt(usual / Math.Max(size, 1)));

        static double LayerSize(double hidden, double intermediate, int layers) => layers * (4 * hidden * hidden + 2 * hidden * intermediate);
    }

    /// <summary>The rate of a parameter, as a factor on the training's.</summary>
    internal virtual double LearningRateScale(AdapterParameter parameter) => 1;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; names it, what was found and what is expected.</exception>
    internal virtual void Validate()
    {
    }

    /// <summary>Whether <see cref="Validate"/> finds nothing wrong: each option may be in its range and two of them exclude each other.</summary>
    internal bool IsValid
    {
        get
        {
            try
            {
                Validate();
                return true;
            }
            catch (ArgumentException)
            {
                return false;
            }
        }
    }

    /// <summary>The method with what it leaves to the encoder decided: this is what is applied and saved.</summary>
    internal virtual PeftMethod For(EncoderConfig encoder) => this;

    /// <summary>Places modules at sites and says which base parameters train.</summary>
    internal abstract void Apply(PeftContext context);

    /// <summary>How many tokens of the longest input the method needs for itself, a soft prompt's for instance.</summary>
    internal virtual int ReservedLength => 0;

    /// <summary>Whether <see cref="Prepare"/> looks at data.</summary>
    internal virtual bool NeedsPreparation => false;

    /// <summary>Decides from data what remains open, such as which layers train, before anything is trained for good.</summary>
    /// <param name="preparation">The model, the data and a way to try methods.</param>
    /// <returns>The method to train.</returns>
    internal virtual PeftMethod Prepare(PeftPreparation preparation) => this;

    /// <summary>What the method does while it trains; null for nothing but gradient steps.</summary>
    internal virtual PeftTraining? CreateTraining(PeftAdapter adapter) => null;

    /// <summary>What remains after training: the method and the values of all parameters and state it adds, by name; null where it is this one as it is.</summary>
    internal virtual FinishedMethod? Finish(PeftAdapter adapter) => null;

    /// <summary>Whether training decides how many parameters there are in the end.</summary>
    internal virtual bool SizeIsLearnt => false;

    /// <summary>How many of the parameters that the method adds remain after training; what it would be now where training decides.</summary>
    internal virtual long FinishedCount(PeftAdapter adapter) =>
        Finish(adapter) is { } finished ? finished.Values.Values.Sum(value => value.numel()) : adapter.Own.Sum(parameter => parameter.Parameter.numel());

    /// <summary>Whether a module that the method placed takes no part in scoring.</summary>
    internal virtual bool IsDropped(Placement placed) => false;

    /// <summary>The name of a tensor in an adapter file.</summary>
    internal virtual string FileName(AdapterParameter parameter, CheckpointNames names) => AdapterFiles.Prefix + (
        parameter.Site is { } site ? names.Module(site) + parameter.Name[site.Length..]
        : parameter.Base ? names.Tensor(parameter.Name)
        : parameter.Name);

    /// <summary>The same of a tensor that does not train; the name is that of <see cref="PeftAdapter.State"/>.</summary>
    internal virtual string StateFileName(string name) => AdapterFiles.Prefix + name;

    /// <summary>The <c>peft_type</c> Python's peft has for the method; null where it has none.</summary>
    internal virtual string? PeftType => null;

    /// <summary>The contents of <c>adapter_config.json</c> for Python's peft; null where peft has no such method.</summary>
    internal virtual JsonObject? WriteAdapterConfig(PeftAdapter adapter) => null;

    /// <summary>Options from an <c>adapter_config.json</c> of this method's <see cref="PeftType"/>.</summary>
    /// <exception cref="InvalidDataException">A value is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">It asks for a variant that is not supported.</exception>
    internal virtual PeftMethod ReadAdapterConfig(JsonObject json, string location) =>
        throw new NotSupportedException($"{location}: '{MethodName}' is not read from peft's files.");
}
