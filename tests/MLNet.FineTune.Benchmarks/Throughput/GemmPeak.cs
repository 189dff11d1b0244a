using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Benchmarks.Throughput;

/// <summary>The rate of matrix products that this machine reaches: products of a few shapes, like an encoder's and larger, again and again between the cases.</summary>
/// <remarks>A machine that others use too is fast at some moments only; the best rate of the whole run is the one that no case can have been measured above.</remarks>
internal sealed class GemmPeak : IDisposable
{
    private readonly List<(Tensor A, Tensor B, Tensor Product, double Flops)> _products = [];
    private readonly Device _device;
    private readonly int _repeats;

    public GemmPeak(ScalarType type, Device device)
    {
        (Type, _device) = (type, device);
        bool gpu = device.type == DeviceType.CUDA;
        // A GPU needs larger products for its peak, and many for a time that can be measured.
        _repeats = gpu ? 20 : 1;
        foreach ((long rows, long inner, long columns) in gpu ? [(16384, 4096, 4096), (8192, 8192, 8192)] : ((long, long, long)[])[(2048, 384, 1536), (2048, 1536, 384), (1024, 1024, 1024), (2048, 2048, 2048)])
        {
            using Tensor a = randn(rows, inner, device: device), b = randn(columns, inner, device: device);
            // B is transposed, as the weight of a linear layer is; the product is written into the same memory each time.
            _products.Add((a.to(type, copy: true), b.to(type, copy: true), zeros(rows, columns, dtype: type, device: device), 2.0 * rows * inner * columns));
        }
        Sample();
        Rates.Clear();
    }

    public ScalarType Type { get; }

    /// <summary>The best rate of each sample, in operations a second; a product counts two for each multiply-add.</summary>
    public List<double> Rates { get; } = [];

    public double Best => Rates.Max();

    public void Sample()
    {
        using IDisposable frozen = no_grad();
        double best = 0;
        foreach (var (a, b, product, flops) in _products)
        {
            using Tensor transposed = b.t();
            for (int attempt = 0; attempt < 2; attempt++)
            {
                var watch = Stopwatch.StartNew();
                for (int i = 0; i < _repeats; i++)
                    product.addmm_(a, transposed, beta: 0);
                if (_device.type == DeviceType.CUDA)
                    cuda.synchronize();
                best = Math.Max(best, _repeats * flops / watch.Elapsed.TotalSeconds);
            }
        }
        Rates.Add(best);
    }

    public void Dispose()
    {
        foreach (var (a, b, product, _) in _products)
        {
            a.Dispose();
            b.Dispose();
            product.Dispose();
        }
    }
}
