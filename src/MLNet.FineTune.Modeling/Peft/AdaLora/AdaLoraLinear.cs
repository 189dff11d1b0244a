using System.Text.Json;
using MLNet.FineTune.Encoders;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The update of one projection in the form of a singular value decomposition: y + scaling · dropout(x) (Q · Λ)ᵀ Pᵀ.</summary>
internal sealed class AdaLoraLinear : LinearAdapter
{
    private const double InitialDeviation = 0.02;

    private readonly double _scaling;
    private readonly double _dropout;

    public AdaLoraLinear(AdaptableLinear linear, int rank, double scaling, double dropout) : base(nameof(AdaLoraLinear))
    {
        (_scaling, _dropout) = (scaling, dropout);
        Device device = linear.Weight.device;
        Right = new Parameter(nn.init.normal_(zeros(rank, linear.Inputs, device: device), 0, InitialDeviation));
        Left = new Parameter(nn.init.normal_(zeros(linear.Outputs, rank, device: device), 0, InitialDeviation));
        Values = new Parameter(zeros(rank, 1, device: device));
        Register("lora_A", Right);
        Register("lora_B", Left);
        Register("lora_E", Values);
    }

    /// <summary>Q, the right singular vectors, [rank, inputs].</summary>
    public Parameter Right { get; }

    /// <summary>P, the left singular vectors, [outputs, rank].</summary>
    public Parameter Left { get; }

    /// <summary>Λ, the singular values, [rank, 1].</summary>
    public Parameter Values { get; }

    /// <summary>Which triplets remain; null until that is decided.</summary>
    public bool[]? Kept { get; set; }

    /// <summary>The course of the training that decides it; null before there was one.</summary>
    public AdaLoraSchedule? Schedule { get; set; }

    /// <summary>How much the triplets matter; kept while that is measured.</summary>
    public TripletImportance? Importance { get; private set; }

    public override string? Notes
    {
        get => Kept is null ? null : JsonSerializer.Serialize(new Decision(Kept, Schedule!));
        set
        {
            Decision? decision = value is null ? null : JsonSerializer.Deserialize<Decision>(value);
            (Kept, Schedule) = (decision?.Kept, decision?.Schedule);
        }
    }

    public override Tensor AdaptOutput(Tensor input, Tensor output)
    {
        Tensor x = training ? Dropout.Apply(input, _dropout) : input;
        Tensor low = nn.functional.linear(x, (Right * Values).to(input.dtype)).Mul(_scaling);
        return output.view(-1, output.size(-1)).addmm(low.view(-1, low.size(-1)), As(Left, input.dtype).t()).view_as(output);
    }

    public override Tensor WeightDelta(Tensor weight) => Left.matmul(Right * Values).Mul(_scaling);

    /// <summary>How far P and Q are from orthogonal: the mean of ‖PᵀP − I‖ and ‖QQᵀ − I‖.</summary>
    public Tensor OrthogonalityGap()
    {
        Tensor identity = eye(Values.size(0), device: Values.device);
        return (Left.t().matmul(Left) - identity).norm().Add((Right.matmul(Right.t()) - identity).norm()).Div(2);
    }

    /// <summary>Begins to measure what matters.</summary>
    public void Measure(double sensitivityDecay, double uncertaintyDecay)
    {
        Forget();
        Importance = new TripletImportance(this, sensitivityDecay, uncertaintyDecay);
    }

    /// <summary>Ends it.</summary>
    public void Forget()
    {
        Importance?.Dispose();
        Importance = null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Forget();
        base.Dispose(disposing);
    }

    private sealed record Decision(bool[] Kept, AdaLoraSchedule Schedule);
}
