using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Runtime;

/// <summary>Chooses where and in which type to compute.</summary>
internal static class Hardware
{
    /// <summary>The GPU asked for, or the CPU.</summary>
    /// <param name="gpuDeviceId">Number of a CUDA device; null for the CPU.</param>
    /// <param name="fallbackToCpu">Whether the CPU serves where the GPU cannot.</param>
    /// <exception cref="InvalidOperationException">The GPU is not there and the CPU is not allowed in its place.</exception>
    public static Device SelectDevice(int? gpuDeviceId, bool fallbackToCpu)
    {
        NativeBackend.EnsureLoaded();
        if (gpuDeviceId is not { } id)
            return CPU;
        int count = cuda.is_available() ? cuda.device_count() : 0;
        if (id >= 0 && id < count)
            return new Device(DeviceType.CUDA, id);
        return fallbackToCpu ? CPU : throw new InvalidOperationException(
            $"GPU {id} was asked for; found {(count == 0 ? "no CUDA device" : $"{count} CUDA devices")}. Add the package TorchSharp-cuda-windows or TorchSharp-cuda-linux {TorchVersion.TorchSharp}, " +
            $"or set FallbackToCpu. Native libraries: {NativeBackend.Description}.");
    }

    /// <summary>The type of activations that a precision means on a device.</summary>
    public static ScalarType ComputeType(Precision precision, Device device) => precision switch
    {
        Precision.Float32 => ScalarType.Float32,
        Precision.BFloat16 => ScalarType.BFloat16,
        Precision.Auto => device.type == DeviceType.CUDA || CpuFeatures.HasBFloat16 ? ScalarType.BFloat16 : ScalarType.Float32,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, $"Expected {string.Join(", ", Enum.GetNames<Precision>())}."),
    };
}
