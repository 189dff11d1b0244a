using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>What a method adds to a model at one place: its parameters, and the state that belongs to them but does not train.</summary>
internal abstract class PeftModule(string name) : Part(name)
{
    private readonly List<(string Name, Tensor Tensor)> _state = [];

    /// <summary>Whether it takes part; off, the model computes what it computes without.</summary>
    public virtual bool Active { get; set; } = true;

    /// <summary>The lowest layer whose computation it changes, counted as the encoder runs, −1 for the embeddings; null where that is the layer of its site, or no layer.</summary>
    public virtual int? LowestLayer => null;

    /// <summary>Whether what it makes of a vector depends on the text's other vectors too.</summary>
    public virtual bool MixesTokens => false;

    /// <summary>Tensors saved with the adapter that get no gradients, such as the positions of sparse weights.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> State => _state;

    /// <summary>What a training leaves in it that is no tensor, as text: with parameters and state it is all of the module. Null where there is nothing.</summary>
    public virtual string? Notes
    {
        get => null;
        set { }
    }

    /// <summary>Checks what was loaded from a file.</summary>
    /// <exception cref="InvalidDataException">A value cannot be used.</exception>
    public virtual void CheckLoaded()
    {
    }

    /// <summary>The module owns the tensor, which is saved and loaded under the name.</summary>
    protected Tensor RegisterState(string name, Tensor tensor)
    {
        tensor.DetachFromDisposeScope();
        register_buffer(name, tensor);
        _state.Add((name, tensor));
        return tensor;
    }

    /// <summary>A parameter that takes part in products of the type of the activations.</summary>
    protected static Tensor As(Parameter parameter, ScalarType type) => parameter.dtype == type ? parameter : parameter.to(type);
}
