using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Runtime;

/// <summary>Operations of tensors with numbers, and sums of tensors, whose numbers live until the native call has returned.</summary>
/// <remarks>
/// TorchSharp turns a number into a native <see cref="Scalar"/> that nothing holds while the native call reads it: a garbage collection in
/// that moment frees it. <c>x + y</c>, <c>x.add(y)</c>, <c>x.add_(y)</c> and <c>x.square()</c> make such numbers too (a factor of 1, an
/// exponent of 2). All code of the library goes through here instead; <c>x - y</c>, <c>x * y</c> and <c>x / y</c> of two tensors take no
/// number. The names are PyTorch's, and so are the results: a number does not promote a tensor's type, but one with a fraction makes whole
/// numbers float32, for which there are the overloads with <see cref="long"/>.
/// </remarks>
internal static class TensorArithmetic
{
    private static readonly Scalar One = 1, Two = 2;

    /// <summary>x + other.</summary>
    public static Tensor Add(this Tensor x, Tensor other) => x.add(other, One);

    /// <summary>x + alpha · other.</summary>
    public static Tensor Add(this Tensor x, Tensor other, double alpha)
    {
        using Scalar factor = alpha;
        return x.add(other, factor);
    }

    /// <summary>x + value.</summary>
    public static Tensor Add(this Tensor x, double value)
    {
        using Scalar number = value;
        return x.add(number, One);
    }

    /// <inheritdoc cref="Add(Tensor, double)"/>
    public static Tensor Add(this Tensor x, long value)
    {
        using Scalar number = value;
        return x.add(number, One);
    }

    /// <summary>x + other, in place.</summary>
    public static Tensor Add_(this Tensor x, Tensor other) => x.add_(other, One);

    /// <summary>x + alpha · other, in place.</summary>
    public static Tensor Add_(this Tensor x, Tensor other, double alpha)
    {
        using Scalar factor = alpha;
        return x.add_(other, factor);
    }

    /// <summary>x + value, in place.</summary>
    public static Tensor Add_(this Tensor x, long value)
    {
        using Scalar number = value;
        return x.add_(number, One);
    }

    /// <summary>x + first · second.</summary>
    public static Tensor Addcmul(this Tensor x, Tensor first, Tensor second) => x.addcmul(first, second, One);

    /// <summary>x − value.</summary>
    public static Tensor Sub(this Tensor x, double value)
    {
        using Scalar number = value;
        return x.sub(number);
    }

    /// <inheritdoc cref="Sub(Tensor, double)"/>
    public static Tensor Sub(this Tensor x, long value)
    {
        using Scalar number = value;
        return x.sub(number);
    }

    /// <summary>value − x.</summary>
    public static Tensor Rsub(this Tensor x, double value) => x.negative().Add(value);

    /// <summary>x · value.</summary>
    public static Tensor Mul(this Tensor x, double value)
    {
        using Scalar number = value;
        return x.mul(number);
    }

    /// <inheritdoc cref="Mul(Tensor, double)"/>
    public static Tensor Mul(this Tensor x, long value)
    {
        using Scalar number = value;
        return x.mul(number);
    }

    /// <summary>x · value, in place.</summary>
    public static Tensor Mul_(this Tensor x, double value)
    {
        using Scalar number = value;
        return x.mul_(number);
    }

    /// <summary>x / value; whole numbers become float32.</summary>
    public static Tensor Div(this Tensor x, double value)
    {
        using Scalar number = value;
        return x.div(number);
    }

    /// <summary>⌊x / value⌋.</summary>
    public static Tensor FloorDivide(this Tensor x, long value)
    {
        using Scalar number = value;
        return x.div(number, RoundingMode.floor);
    }

    /// <summary>x − value · ⌊x / value⌋.</summary>
    public static Tensor Remainder(this Tensor x, long value)
    {
        using Scalar number = value;
        return x.remainder(number);
    }

    /// <summary>x².</summary>
    public static Tensor Square(this Tensor x) => x.pow(Two);

    /// <summary>x &gt; value, element by element.</summary>
    public static Tensor Gt(this Tensor x, double value)
    {
        using Scalar number = value;
        return x.gt(number);
    }

    /// <summary>x &lt; value, element by element.</summary>
    public static Tensor Lt(this Tensor x, double value)
    {
        using Scalar number = value;
        return x.lt(number);
    }

    /// <summary>x = value, element by element.</summary>
    public static Tensor Eq(this Tensor x, long value)
    {
        using Scalar number = value;
        return x.eq(number);
    }

    /// <summary>x ≠ value, element by element.</summary>
    public static Tensor Ne(this Tensor x, double value)
    {
        using Scalar number = value;
        return x.ne(number);
    }

    /// <summary>The larger of x and the value, element by element.</summary>
    public static Tensor ClampMin(this Tensor x, double value)
    {
        using Scalar number = value;
        return x.clamp_min(number);
    }

    /// <inheritdoc cref="ClampMin(Tensor, double)"/>
    public static Tensor ClampMin(this Tensor x, long value)
    {
        using Scalar number = value;
        return x.clamp_min(number);
    }

    /// <summary>Limits all elements to a range.</summary>
    public static Tensor Clamp(this Tensor x, double lowest, double highest)
    {
        using Scalar low = lowest, high = highest;
        return x.clamp(low, high);
    }

    /// <summary>Limits all elements to a range, in place.</summary>
    public static Tensor Clamp_(this Tensor x, long lowest, long highest)
    {
        using Scalar low = lowest, high = highest;
        return x.clamp_(low, high);
    }

    /// <summary>Sets all elements to the value.</summary>
    public static Tensor Fill_(this Tensor x, double value)
    {
        using Scalar number = value;
        return x.fill_(number);
    }

    /// <summary>x, with the value where the mask is true.</summary>
    public static Tensor MaskedFill(this Tensor x, Tensor mask, double value)
    {
        using Scalar number = value;
        return x.masked_fill(mask, number);
    }

    /// <inheritdoc cref="MaskedFill(Tensor, Tensor, double)"/>
    public static Tensor MaskedFill(this Tensor x, Tensor mask, long value)
    {
        using Scalar number = value;
        return x.masked_fill(mask, number);
    }

    /// <summary>Sets the elements at an index along a dimension to the value, in place.</summary>
    public static Tensor IndexFill_(this Tensor x, long dimension, Tensor index, double value)
    {
        using Scalar number = value;
        return x.index_fill_(dimension, index, number);
    }

    /// <summary>x plus the source, whose slices go to the places of an index along a dimension.</summary>
    public static Tensor IndexAdd(this Tensor x, long dimension, Tensor index, Tensor source) => x.index_add(dimension, index, source, One);

    /// <summary>ln(1 + eˣ).</summary>
    public static Tensor Softplus(this Tensor x) => x.negative().log_sigmoid().negative();

    /// <summary>0, 1, 2 … as int64 [count].</summary>
    public static Tensor Arange(long count, Device device)
    {
        using Scalar start = 0, stop = count;
        return arange(start, stop, One, ScalarType.Int64, device);
    }
}
