using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Encoders;

/// <summary>Dropout (Srivastava et al. 2014): zeroes elements at random and scales the rest up.</summary>
internal static class Dropout
{
    public static Tensor Apply(Tensor x, double probability) => probability == 0 ? x
        : x.device_type == DeviceType.CPU ? x * DropoutMask.Create(x, probability)
        : nn.functional.dropout(x, probability);

    /// <summary>residual + dropout(x), in one pass where it can be; <paramref name="x"/> may be overwritten.</summary>
    public static Tensor AddResidual(Tensor x, Tensor residual, double probability) =>
        probability == 0 ? x.Add_(residual)
        : x.device_type == DeviceType.CPU ? residual.Addcmul(x, DropoutMask.Create(x, probability))
        : residual.Add(nn.functional.dropout(x, probability));
}
