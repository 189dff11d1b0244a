using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The random matrices A and B that all projections of a <see cref="Vera"/> share: wide enough for the widest, of which the others take the first columns and rows.</summary>
internal sealed class VeraProjections : PeftModule
{
    /// <summary>Where it is among the modules of an adapter.</summary>
    public const string Path = "vera";

    public VeraProjections(Vera options, int inputs, int outputs, Device device) : base(nameof(VeraProjections))
    {
        using var scope = NewDisposeScope();
        // Tensors without memory stand in where only shapes are checked.
        using Generator? generator = device.type == DeviceType.META ? null : new Generator((ulong)options.ProjectionSeed, CPU);
        A = Own("A", Uniform(options.Rank, inputs, generator, device), options.SaveProjections);
        B = Own("B", Uniform(outputs, options.Rank, generator, device), options.SaveProjections);
    }

    /// <summary>[rank, inputs of the widest].</summary>
    public Tensor A { get; }

    /// <summary>[outputs of the widest, rank].</summary>
    public Tensor B { get; }

    /// <summary>The name of A or B in an adapter file; null for other names.</summary>
    public static string? FileName(string name) => name is $"{Path}.A" or $"{Path}.B" ? $"base_model.vera_{name[^1]}" : null;

    private Tensor Own(string name, Tensor tensor, bool saved)
    {
        if (saved)
            return RegisterState(name, tensor);
        register_buffer(name, tensor.DetachFromDisposeScope());
        return tensor;
    }

    /// <summary>Uniform within ±√(6 / columns) (He et al. 2015), drawn on the processor whatever the device.</summary>
    private static Tensor Uniform(int rows, int columns, Generator? generator, Device device)
    {
        if (generator is null)
            return zeros(rows, columns, device: device);
        double bound = Math.Sqrt(6.0 / columns);
        return empty(rows, columns).uniform_(-bound, bound, generator).to(device);
    }
}
