using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;

namespace MLNet.FineTune;

public sealed partial class FineTuningCatalog
{
    /// <summary>Opens an encoder for several adapters.</summary>
    /// <param name="encoder">The encoder that the adapters were trained on.</param>
    /// <param name="precision">The number format to compute in.</param>
    /// <returns>A set without adapters; dispose it when it is no longer used.</returns>
    /// <exception cref="ArgumentException">The encoder has no weights.</exception>
    /// <exception cref="InvalidOperationException">The encoder would have to be downloaded first, or no usable libtorch or GPU was found.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    public AdapterSet CreateAdapterSet(EncoderSource encoder, Precision precision = Precision.Auto)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        MLContext environment = _context;
        IHost host = ((IHostEnvironment)_context).Register(nameof(AdapterSet));
        return new AdapterSet(new AdapterBank(encoder, Hardware.SelectDevice(environment.GpuDeviceId, environment.FallbackToCpu), precision), host.CheckAlive);
    }
}
