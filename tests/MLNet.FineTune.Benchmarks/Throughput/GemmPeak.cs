using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>The rate of float32 matrix products this machine reaches now: the best of a few sizes, large enough for the peak and like those of an encoder.</summary>
internal static class GemmPeak
{
    /// <returns>Floating-point operations a second.</returns>
    public static double Measure(ScalarType type, Device device, double seconds)
    {
        double best = 0;
        foreach ((long rows, long inner, long columns) in ((long, long, long)[])[(2048, 384, 1536), (2048, 1536, 384), (2048, 2048, 2048), (1024, 1024, 1024)])
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            Tensor a = randn(rows, inner, device: device).to(type), b = randn(inner, columns, device: device).to(type), c = zeros(rows, columns, dtype: type, device: device);
            double flops = 2.0 * rows * inner * columns;
            matmul(a, b).Dispose();
            var watch = Stopwatch.StartNew();
            while (watch.Elapsed.TotalSeconds < seconds / 4)
            {
                var one = Stopwatch.StartNew();
                for (int i = 0; i < 3; i++)
                    matmul(a, b).Dispose();
                if (device.type == DeviceType.CUDA)
                    cuda.synchronize();
                best = Math.Max(best, 3 * flops / one.Elapsed.TotalSeconds);
            }
        }
        return best;
    }
}
