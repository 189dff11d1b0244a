using MLNet.FineTune.Encoders;
using System.Text.Json.Nodes;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune;

/// <summary>
/// What of a pretrained encoder trains, and which modules are added to it: the base of the options records
/// <see cref="FullFineTuning"/>, <see cref="HeadOnly"/>, <see cref="Lora"/> and the like. The classification head always trains.
/// </summary>
public abstract record PeftMethod
{
    /// <summary>The name the method has in saved models, for instance <c>lora</c>.</summary>
    public string MethodName => PeftMethods.NameOf(GetType());

    /// <summary>Whether the method changes the base weights so widely that the whole model is saved instead of an adapter.</summary>
    internal virtual bool ReplacesBase => false;

    /// <summary>The peak learning rate that suits the method on a pretrained encoder.</summary>
    internal virtual double DefaultLearningRate => 5e-4;

    /// <summary>The same for an encoder of a given size, where the size matters to the method.</summary>
    internal virtual double DefaultLearningRateFor(EncoderConfig encoder) => DefaultLearningRate;

    /// <summary>Checks the options.</summary>
    /// <exception cref="ArgumentException">An option is out of its range; names it, what was found and what is expected.</exception>
    internal virtual void Validate()
    {
    }

    /// <summary>Places modules at sites and says which base parameters train.</summary>
    internal abstract void Apply(PeftContext context);

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
